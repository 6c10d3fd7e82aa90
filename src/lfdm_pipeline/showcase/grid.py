"""All labels for one subject, as one video."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.lettering import FAINT_INK, GROUND, INK, Face
from lfdm_pipeline.showcase.pictures import Clip, Picture, enlarge, factor_for, held

CELL = 192  # pixels a clip is brought to at least
MARGIN, GAP = 28, 20
CAPTION_SPACE = 8
CAPTION_LINES = 3
ASPECT = 1.6  # columns to rows


@dataclass(frozen=True)
class CaptionedClip:
    """Frames (T, H, W, 3) and the words below them."""

    caption: str
    frames: Clip


@dataclass(frozen=True)
class Place:
    """Upper left corner of a cell in pixels."""

    left: int
    top: int


def clip_grid(reference: Picture, clips: Sequence[CaptionedClip], hold: int = 0) -> Clip:
    """Lay clips out in a grid, the still reference frame at its left.

    Args:
        reference: (H, W, 3), the frame that all clips start from.
        clips: Clips of the reference's size; shorter ones hold their last frame.
        hold: Frames for which all clips rest at the end, so that a loop can be told from a movement.

    Returns:
        (T, H', W', 3) with even H' and W'.
    """
    layout = _Layout(reference, clips)
    length = max(len(clip.frames) for clip in clips) + hold
    canvas = layout.still(reference, clips)
    frames = np.repeat(canvas[None], length, axis=0)
    for place, clip in zip(layout.places, clips, strict=True):
        for frame, small in zip(frames, held(clip.frames, length), strict=True):
            _paste(frame, enlarge(small, layout.factor), place)
    return frames


class _Layout:
    """Where everything goes, in pixels."""

    def __init__(self, reference: Picture, clips: Sequence[CaptionedClip]) -> None:
        self.factor = factor_for(reference.shape[0], CELL)
        self.height, self.width = (side * self.factor for side in reference.shape[:2])
        self.face = Face(17)
        self.columns = ceil(sqrt(len(clips) * ASPECT)) if len(clips) > 3 else len(clips)
        rows = ceil(len(clips) / self.columns)
        self.columns = ceil(len(clips) / rows)
        lines = max(len(self._lines(clip.caption)) for clip in clips)
        self.row_height = self.height + CAPTION_SPACE + lines * self.face.line_height + GAP
        left = MARGIN + self.width + 2 * GAP
        self.places = [
            Place(
                left + number % self.columns * (self.width + GAP),
                MARGIN + number // self.columns * self.row_height,
            )
            for number in range(len(clips))
        ]
        bottom = MARGIN + rows * self.row_height - GAP
        self.reference_place = Place(MARGIN, MARGIN + (rows - 1) * self.row_height // 2)
        self.canvas_height = bottom + MARGIN
        self.canvas_width = left + self.columns * (self.width + GAP) - GAP + MARGIN

    def still(self, reference: Picture, clips: Sequence[CaptionedClip]) -> Picture:
        """Draw everything that does not move."""
        size = (self.canvas_width + self.canvas_width % 2, self.canvas_height + self.canvas_height % 2)
        image = Image.new("RGB", size, GROUND)
        draw = ImageDraw.Draw(image)
        captions = [("reference", self.reference_place, FAINT_INK)]
        captions += [(clip.caption, place, INK) for clip, place in zip(clips, self.places, strict=True)]
        for caption, place, ink in captions:
            middle = place.left + self.width / 2, place.top + self.height + CAPTION_SPACE
            self.face.write(draw, middle, self._lines(caption), ink, "ma")
        rule = MARGIN + self.width + GAP
        draw.line([(rule, MARGIN), (rule, self.canvas_height - MARGIN)], fill=(48, 52, 60), width=2)
        canvas = np.array(image)
        _paste(canvas, enlarge(reference, self.factor), self.reference_place)
        return canvas

    def _lines(self, caption: str) -> list[str]:
        return self.face.lines(caption, self.width, CAPTION_LINES)


def _paste(canvas: Picture, picture: Picture, place: Place) -> None:
    canvas[place.top : place.top + picture.shape[0], place.left : place.left + picture.shape[1]] = picture
