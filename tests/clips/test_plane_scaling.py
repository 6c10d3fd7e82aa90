import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.area_scaling import AreaScaler
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.plane_scaling import PlaneScaling

BT709, FULL_RANGE = 1, 2


def picture(height: int, width: int) -> np.ndarray:
    """Smooth colours, uint8 (H, W, 3)."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def as_video_frame(rgb: np.ndarray, pixels: str, **colours: int) -> av.VideoFrame:
    """A frame as a decoder gives it; `colours` says how its luma and colour differences were made."""
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixels, **colours)


@given(width=st.integers(20, 300), height=st.integers(20, 300), size=st.tuples(st.integers(4, 20), st.integers(4, 20)))
def test_scaling_is_that_of_opencv(width, height, size):
    planes = cv2.split(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))
    expected = np.stack([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes], axis=-1)
    assert np.abs(AreaScaler()(planes, size).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("pixels", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "yuvj444p"])
@pytest.mark.parametrize("crop", [None, CropBox(top=20, bottom=200, left=10, right=310)])
def test_squares_are_those_of_the_converted_frame(pixels, crop):
    rgb, framing = picture(240, 320), Framing(64, crop)
    square = PlaneScaling(framing)(as_video_frame(rgb, pixels))
    assert np.abs(square.astype(int) - framing(rgb)).max() <= 4


@pytest.mark.parametrize("colours", [{"dst_colorspace": "ITU709"}, {"dst_colorspace": "ITU601"}])
def test_colours_are_converted_as_the_file_says(colours):
    rgb, framing = picture(240, 320), Framing(64)
    square = PlaneScaling(framing)(as_video_frame(rgb, "yuv444p", **colours))
    assert np.abs(square.astype(int) - framing(rgb)).max() <= 4


@pytest.mark.parametrize(
    ("height", "width", "pixels", "framing"),
    [
        (240, 320, "yuv420p10le", Framing(64)),
        (240, 320, "rgb24", Framing(64)),
        (240, 320, "yuv420p", Framing(200)),
        (241, 320, "yuv420p", Framing(64)),
        (240, 320, "yuv420p", Framing(64, CropBox(top=1, bottom=201, left=0, right=320))),
        (240, 320, "yuv420p", Framing(64, CropBox(top=0, bottom=300, left=0, right=320))),
    ],
)
def test_what_cannot_be_scaled_by_planes_is_left(height, width, pixels, framing):
    assert PlaneScaling(framing)(as_video_frame(picture(height, width), pixels)) is None
