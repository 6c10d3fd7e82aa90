"""Frames to PNG."""

from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.clips.geometry import Frame

COMMENT = "Comment"
"""PNG's own name for it."""


def write_picture(path: Path, picture: Frame, *, comment: str) -> None:
    """Write an RGB picture, uint8 (H, W, 3), as a PNG file that holds a comment.

    Args:
        path: The file, replaced as a whole.
        picture: What to show.
        comment: What it is, kept in the file's header.
    """
    header = PngInfo()
    header.add_text(COMMENT, comment)
    with replacing(path) as temporary:
        Image.fromarray(picture).save(temporary, pnginfo=header)
