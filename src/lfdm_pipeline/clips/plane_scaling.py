"""Frames scaled before their colours are converted.

Scaling by area and converting colours are both linear, so that their order changes nothing but rounding; but then few
pixels are left to be converted, and they are with the exact matrix, where FFmpeg's fast conversion of whole frames is
off by almost one grey level on average.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.area_scaling import AreaScaler, Plane, samples
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox, Frame, letterbox, scaled_size

Matrix = npt.NDArray[np.float64]

_FULL_RANGE = 2
# Shares of red and blue in the luma (ITU-T H.273, table 4), by FFmpeg's numbers for them; any other is BT.601.
_LUMA = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)
_FORMATS = frozenset(
    f"yuv{full_range}{sampling}p" for full_range in ("", "j") for sampling in ("420", "422", "444", "440", "411")
)


class PlaneScaling:
    """Squares from the planes of frames of PyAV that are 8-bit luma and colour differences."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._scale = AreaScaler()

    def __call__(self, frame: Any) -> Frame | None:
        """The square (size, size, 3), or None where a plane does not hold the crop in whole samples or gets larger."""
        if frame.format.name not in _FORMATS:
            return None
        box = self._framing.crop or CropBox(top=0, bottom=frame.height, left=0, right=frame.width)
        size = scaled_size(box.right - box.left, box.bottom - box.top, self._framing.size)
        planes = [plane for plane in (_cropped(plane, frame, box) for plane in frame.planes) if plane is not None]
        if len(planes) < 3 or any(plane.shape[0] < size[1] or plane.shape[1] < size[0] for plane in planes):
            return None
        rgb = cv2.transform(self._scale(planes, size), _to_rgb(frame))
        return letterbox(np.asarray(rgb, np.uint8), self._framing.size)


def _cropped(plane: Any, frame: Any, box: CropBox) -> Plane | None:
    across, down = -(-frame.width // plane.width), -(-frame.height // plane.height)
    if box.left % across or box.right % across or box.top % down or box.bottom % down:
        return None
    if box.right > frame.width or box.bottom > frame.height:
        return None
    return samples(plane)[box.top // down : box.bottom // down, box.left // across : box.right // across]


def _to_rgb(frame: Any) -> Matrix:
    full_range = frame.format.name.startswith("yuvj") or int(frame.color_range) == _FULL_RANGE
    return _matrix(int(frame.colorspace), full_range)


@cache
def _matrix(colour_space: int, full_range: bool) -> Matrix:
    """The matrix (3, 4) from (luma, blue difference, red difference, 1) to RGB (ITU-T H.273, section 8.3)."""
    red, blue = _LUMA.get(colour_space, _BT601)
    black, luma, chroma = (0.0, 1.0, 1.0) if full_range else (16.0, 255 / 219, 255 / 224)
    green = 1 - red - blue
    matrix = np.array(
        [
            [luma, 0, 2 * (1 - red) * chroma],
            [luma, -2 * (1 - blue) * blue / green * chroma, -2 * (1 - red) * red / green * chroma],
            [luma, 2 * (1 - blue) * chroma, 0],
        ]
    )
    return np.hstack((matrix, -matrix @ np.array([[black], [128.0], [128.0]])))
