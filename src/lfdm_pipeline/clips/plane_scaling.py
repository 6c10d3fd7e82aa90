"""Frames scaled before their colours are converted.

Scaling by area and converting colours are both linear, so that their order changes nothing but rounding; but an eighth
of the pixels is quickly converted, and with the exact matrix, where FFmpeg's fast conversion of whole frames is off by
almost one grey level on average.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox, Frame, letterbox, scaled_size

_FULL_RANGE = 2
# Shares of red and blue in the luma (ITU-T H.273, table 4), by FFmpeg's numbers for them; any other is BT.601.
_LUMA = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 7: (0.212, 0.087), 9: (0.2627, 0.0593)}
_BT601 = (0.299, 0.114)
_FORMATS = frozenset(
    f"yuv{full_range}{sampling}p" for full_range in ("", "j") for sampling in ("420", "422", "444", "440", "411")
)


def square_from_planes(frame: Any, framing: Framing) -> Frame | None:
    """The square (size, size, 3) of a frame of PyAV, or None where its planes cannot be scaled on their own.

    They can where they are 8-bit luma and colour differences, hold the crop in whole samples and get smaller.
    """
    if frame.format.name not in _FORMATS:
        return None
    box = framing.crop or CropBox(top=0, bottom=frame.height, left=0, right=frame.width)
    size = scaled_size(box.right - box.left, box.bottom - box.top, framing.size)
    planes = [_cropped(plane, frame, box) for plane in frame.planes]
    if any(plane is None or plane.shape[0] < size[1] or plane.shape[1] < size[0] for plane in planes):
        return None
    scaled = cv2.merge([cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in planes])
    return letterbox(np.asarray(cv2.transform(scaled, _to_rgb(frame)), np.uint8), framing.size)


def _cropped(plane: Any, frame: Any, box: CropBox) -> npt.NDArray[np.uint8] | None:
    across, down = -(-frame.width // plane.width), -(-frame.height // plane.height)
    if box.left % across or box.right % across or box.top % down or box.bottom % down:
        return None
    if box.right > frame.width or box.bottom > frame.height:
        return None
    samples = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return samples[box.top // down : box.bottom // down, box.left // across : box.right // across]


def _to_rgb(frame: Any) -> npt.NDArray[np.float64]:
    """The matrix (3, 4) from (luma, blue difference, red difference, 1) to RGB (ITU-T H.273, section 8.3)."""
    red, blue = _LUMA.get(int(frame.colorspace), _BT601)
    full_range = frame.format.name.startswith("yuvj") or int(frame.color_range) == _FULL_RANGE
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
