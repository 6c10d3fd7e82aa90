import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lfdm_pipeline.clips.geometry import CropBox, crop, letterbox, scale_longer_side, to_square
from lfdm_pipeline.errors import InputError

sides = st.integers(1, 80)


def grey(height: int, width: int, value: int = 100) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_crops_the_rows_and_columns_of_the_box():
    frame = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    np.testing.assert_array_equal(crop(frame, CropBox(top=1, bottom=4, left=2, right=7)), frame[1:4, 2:7])


def test_refuses_a_frame_smaller_than_the_box():
    with pytest.raises(InputError, match="8x6"):
        crop(grey(6, 8), CropBox(top=0, bottom=7, left=0, right=8))


@pytest.mark.parametrize("box", [(3, 3, 0, 1), (0, 1, -1, 4), (5, 2, 0, 1)])
def test_a_box_has_an_inside(box):
    with pytest.raises(ValidationError, match="crop box"):
        CropBox(**dict(zip(("top", "bottom", "left", "right"), box, strict=True)))


def test_scales_by_area():
    frame = np.zeros((4, 8, 3), np.uint8)
    frame[:, ::2] = 200
    np.testing.assert_array_equal(scale_longer_side(frame, 4), grey(2, 4))


def test_what_is_enlarged_is_smooth():
    frame = np.zeros((4, 4, 3), np.uint8)
    frame[:, 2:] = 200
    steps = np.diff(scale_longer_side(frame, 32)[16, :, 0].astype(int))
    assert steps.max() <= 50
    assert (steps != 0).sum() > 6


def test_the_odd_pixel_goes_to_the_bottom_or_right():
    boxed = letterbox(grey(2, 5), 5)
    np.testing.assert_array_equal(boxed[:, 0, 0], [0, 100, 100, 0, 0])
    boxed = letterbox(grey(5, 2), 5)
    np.testing.assert_array_equal(boxed[0, :, 0], [0, 100, 100, 0, 0])


@given(height=sides, width=sides, size=st.integers(8, 64))
def test_any_frame_becomes_a_square_with_its_content_centred(height, width, size):
    square = to_square(grey(height, width), size)
    assert square.shape == (size, size, 3)
    lit = square[..., 0] > 0
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    assert max(len(rows), len(columns)) == size
    for line in (rows, columns):
        before, after = line[0], size - 1 - line[-1]
        assert after - before in (0, 1)


def test_crops_before_it_scales():
    frame = grey(20, 30)
    frame[5:15, 10:20] = 250
    square = to_square(frame, 5, CropBox(top=5, bottom=15, left=10, right=20))
    np.testing.assert_array_equal(square, grey(5, 5, 250))


def test_a_frame_of_the_right_size_stays_as_it_is():
    frame = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    np.testing.assert_array_equal(to_square(frame, 16), frame)
