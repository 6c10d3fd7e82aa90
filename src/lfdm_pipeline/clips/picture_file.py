"""One picture file to a frame."""

import logging
import re
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from lfdm_pipeline.clips.complaints import Complaints
from lfdm_pipeline.clips.geometry import Frame
from lfdm_pipeline.errors import InputError

_log = logging.getLogger(__name__)
# What libjpeg says of a picture that it goes on to make up. Some cameras leave a few bytes behind the last block.
_DAMAGE = re.compile(r"Premature end|Corrupt JPEG data: (?!\d extraneous)[^\n]*")


def read_picture(path: Path) -> Frame:
    """Read a picture of any common kind as it is shown: upright, RGB (H, W, 3), and white where it is transparent.

    Raises:
        InputError: It is damaged, of another kind, or larger than Pillow's limit.
    """
    try:
        # By its path an uncompressed TIFF would be mapped, and one that is to be turned be scrambled. OpenCV may know
        # a kind that Pillow does not.
        with suppress(UnidentifiedImageError), path.open("rb") as file, Image.open(file) as picture:
            if picture.has_transparency_data:
                return _on_white(ImageOps.exif_transpose(picture).convert("RGBA"), path)
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: {str(error).partition(',')[0].lower()}; make it smaller") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise InputError(f"{path} is no readable picture: {_first_line(error)}") from error
    return to_rgb(decode_picture(path, cv2.IMREAD_COLOR, Complaints()))


def decode_picture(path: Path, mode: int, complaints: Complaints) -> Frame:
    """Decode a picture, upright, in OpenCV's order of colours.

    Args:
        path: The file.
        mode: OpenCV's flags for reading.
        complaints: Hears what libjpeg says.

    Raises:
        InputError: It is damaged or of another kind.
    """
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        with complaints.heard():
            picture = cv2.imdecode(data, mode)
    except (OSError, cv2.error) as error:
        raise InputError(f"{path} is no readable picture: {_first_line(error)}") from error
    said = _DAMAGE.search(complaints.said())
    if picture is None or said:
        raise InputError(f"{path} is no readable picture: {said[0] if said else 'it is damaged or of another kind'}")
    return np.asarray(picture, np.uint8)


def to_rgb(picture: Frame) -> Frame:
    """A picture in OpenCV's order of colours as RGB."""
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _on_white(picture: Image.Image, path: Path) -> Frame:
    if picture.getchannel("A").getextrema() != (255, 255):
        _log.info("%s: what is transparent is taken as white", path)
    white = Image.new("RGBA", picture.size, "white")
    return np.asarray(Image.alpha_composite(white, picture).convert("RGB"), np.uint8)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:120]
