"""From a frame as recorded to a square frame of the size that the model works at."""

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import model_validator

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options

Frame = npt.NDArray[np.uint8]


class CropBox(Options):
    """The part of a frame that is kept, in pixels of the recording; the ends are exclusive."""

    top: int
    """First row."""
    bottom: int
    """Row after the last."""
    left: int
    """First column."""
    right: int
    """Column after the last."""

    @model_validator(mode="after")
    def _is_not_empty(self) -> "CropBox":
        if not (0 <= self.top < self.bottom and 0 <= self.left < self.right):
            raise ValueError("a crop box needs 0 <= top < bottom and 0 <= left < right")
        return self

    def __str__(self) -> str:
        return f"rows {self.top}:{self.bottom}, columns {self.left}:{self.right}"


def crop(frame: Frame, box: CropBox) -> Frame:
    """Cut a box out of a frame (H, W, 3).

    Raises:
        InputError: The frame is smaller than the box.
    """
    height, width = frame.shape[:2]
    if box.bottom > height or box.right > width:
        raise InputError(f"a frame of {width}x{height} does not hold the crop box {box}")
    return frame[box.top : box.bottom, box.left : box.right]


def scale_longer_side(frame: Frame, size: int) -> Frame:
    """Scale a frame so that its longer side is `size` pixels: down by area interpolation, up by cubic."""
    height, width = frame.shape[:2]
    if max(height, width) == size:
        return frame
    # By area an enlarged pixel would stay a square of one colour.
    interpolation = cv2.INTER_CUBIC if max(height, width) < size else cv2.INTER_AREA
    return np.asarray(cv2.resize(frame, scaled_size(width, height, size), interpolation=interpolation), dtype=np.uint8)


def scaled_size(width: int, height: int, size: int) -> tuple[int, int]:
    """Width and height, in their proportion, with `size` as the longer one."""
    longer = max(height, width)
    return max(1, round(width * size / longer)), max(1, round(height * size / longer))


def letterbox(frame: Frame, size: int) -> Frame:
    """Centre a frame on a black square of `size`; the odd pixel goes to the bottom or right."""
    height, width = frame.shape[:2]
    if (height, width) == (size, size):
        return frame
    square = np.zeros((size, size, 3), np.uint8)
    top, left = (size - height) // 2, (size - width) // 2
    square[top : top + height, left : left + width] = frame
    return square


def to_square(frame: Frame, size: int, box: CropBox | None = None) -> Frame:
    """Crop a frame (H, W, 3), scale its longer side to `size` and letterbox it to (size, size, 3)."""
    cropped = frame if box is None else crop(frame, box)
    return letterbox(scale_longer_side(cropped, size), size)
