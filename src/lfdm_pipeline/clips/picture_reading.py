"""A folder of pictures as a video."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from lfdm_pipeline.clips.area_scaling import AreaScaler
from lfdm_pipeline.clips.complaints import Complaints
from lfdm_pipeline.clips.file_kinds import IMAGE_SUFFIXES
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import Frame, crop, letterbox, scaled_size
from lfdm_pipeline.clips.picture_file import decode_picture, to_rgb
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import is_remote

# How much larger than the square a picture still has to be after its coder scaled it down. Pillow gives the same
# number for a result that cannot be told from a fair one (`reducing_gap`); docs/decisions.md says what was measured.
_GAP = 3
_REDUCED = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}


def list_pictures(folder: Path) -> list[Path]:
    """Pictures in a folder in the order of the numbers in their names; hidden files are left out."""
    names = [
        name for name in _files(folder) if not name.startswith(".") and PurePath(name).suffix.lower() in IMAGE_SUFFIXES
    ]
    return [folder / name for name in sorted(names, key=_natural)]


def _files(folder: Path) -> list[str]:
    if is_remote(folder):
        return [path.name for path in folder.iterdir() if path.is_file()]
    # Asked one by one, thousands of files would take seconds.
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries if entry.is_file()]


def open_pictures(folder: Path, framing: Framing | None = None) -> VideoStream:
    """Open a folder of pictures.

    Raises:
        InputError: There are none in it.
    """
    pictures = list_pictures(folder)
    if not pictures:
        raise InputError(f"no pictures in the folder {folder}")
    return VideoStream(None, _frames(pictures, framing))


def _frames(pictures: list[Path], framing: Framing | None) -> Iterator[Frame]:
    complaints, keep = Complaints(), _Squares(framing) if framing else to_rgb
    mode = _reduction(pictures[0], framing) if framing else cv2.IMREAD_COLOR
    shape = None
    for path in pictures:
        picture = decode_picture(path, mode, complaints)
        if shape not in (None, picture.shape):
            raise InputError(f"{path} is of another size than the pictures before it")
        shape = picture.shape
        yield keep(picture)


def _reduction(path: Path, framing: Framing) -> int:
    """How pictures like this one are to be read: JPEG's coder can make them smaller at once."""
    try:
        with Image.open(path) as header:
            width, height, kind = *header.size, header.format
    except (OSError, ValueError, Image.DecompressionBombError):
        # It is about to be read, and to fail with a better word.
        return cv2.IMREAD_COLOR
    for factor, mode in _REDUCED.items():
        divides = not (height % factor or width % factor)
        if kind == "JPEG" and not framing.crop and divides and max(height, width) >= factor * _GAP * framing.size:
            return mode
    return cv2.IMREAD_COLOR


class _Squares:
    """Squares from pictures in OpenCV's order of colours."""

    def __init__(self, framing: Framing) -> None:
        self._framing = framing
        self._scale = AreaScaler()
        # Kept from picture to picture, since new memory costs more than what is done in it.
        self._planes: Sequence[npt.NDArray[np.uint8]] | None = None

    def __call__(self, picture: Frame) -> Frame:
        cropped = crop(picture, self._framing.crop) if self._framing.crop else picture
        height, width = cropped.shape[:2]
        if max(height, width) <= self._framing.size:
            return to_rgb(self._framing(picture))
        self._planes = cv2.split(cropped, self._planes)
        size = scaled_size(width, height, self._framing.size)
        return letterbox(self._scale(self._planes[::-1], size), self._framing.size)


def _natural(name: str) -> tuple[list[str | int], str]:
    # Texts and numbers take turns, so that no text is compared with a number.
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name.casefold())], name
