"""Clips as rows of stills."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.grid import CaptionedClip
from lfdm_pipeline.showcase.lettering import GROUND, INK, Face
from lfdm_pipeline.showcase.pictures import Picture, enlarge, factor_for, filmstrip

CELL = 128  # pixels a still is brought to at least
MARGIN, GAP, ROW_GAP = 24, 6, 14
CAPTION_WIDTH = 150


def contact_sheet(clips: Sequence[CaptionedClip], columns: int = 8) -> Picture:
    """Draw each clip as a captioned row of `columns` stills spread evenly over it, the first frame first."""
    factor = factor_for(clips[0].frames.shape[1], CELL)
    strips = [_strip(clip, columns, factor) for clip in clips]
    height, width = strips[0].shape[:2]
    pitch = height + ROW_GAP
    size = (2 * MARGIN + CAPTION_WIDTH + width, 2 * MARGIN + len(clips) * pitch - ROW_GAP)
    image = Image.new("RGB", size, GROUND)
    draw = ImageDraw.Draw(image)
    face = Face(17)
    most = height // face.line_height
    for row, (clip, strip) in enumerate(zip(clips, strips, strict=True)):
        top = MARGIN + row * pitch
        image.paste(Image.fromarray(strip), (MARGIN + CAPTION_WIDTH, top))
        lines = face.lines(clip.caption, CAPTION_WIDTH - 16, most)
        first = top + (height - len(lines) * face.line_height) / 2
        face.write(draw, (MARGIN, first), lines, INK, "la")
    return np.array(image)


def _strip(clip: CaptionedClip, columns: int, factor: int) -> Picture:
    indices = np.linspace(0, len(clip.frames) - 1, columns).round().astype(int)
    return filmstrip([enlarge(frame, factor) for frame in clip.frames[indices]], GAP, GROUND)
