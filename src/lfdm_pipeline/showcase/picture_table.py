"""Clips and stills laid out as a table with heads, to be compared at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.lettering import FAINT_INK, GROUND, INK, fitting, font, line_height, wrapped
from lfdm_pipeline.showcase.pictures import Clip, Picture, enlarge, factor_for, held

CELL = 128  # pixels a picture is brought to at least
MARGIN, GAP, GROUP_GAP = 24, 4, 18
CAPTION_WIDTH = 130
TITLE = 17  # height of a title's letters


@dataclass(frozen=True)
class Columns:
    """Neighbouring columns under one title, each with a head of its own."""

    title: str
    heads: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One row: words at its left, and a clip (T, H, W, 3) a column; a still has T = 1."""

    caption: str
    clips: Sequence[Clip]


def picture_table(columns: Sequence[Columns], rows: Sequence[Row], hold: int = 0) -> Clip:
    """Draw a table of clips that play together.

    Args:
        columns: Groups of columns.
        rows: As many clips each as there are columns, all of one size; shorter ones hold their last frame.
        hold: Frames for which all rest at the end.

    Returns:
        (T, H', W', 3) with even H' and W'.
    """
    layout = _Layout(columns, rows)
    length = max(len(clip) for row in rows for clip in row.clips) + hold
    frames = np.repeat(layout.still()[None], length, axis=0)
    for row, top in zip(rows, layout.tops, strict=True):
        for clip, left in zip(row.clips, layout.lefts, strict=True):
            for frame, small in zip(frames, held(clip, length), strict=True):
                _paste(frame, enlarge(small, layout.factor), left, top)
    return frames


class _Layout:
    def __init__(self, columns: Sequence[Columns], rows: Sequence[Row]) -> None:
        self.columns, self.rows = columns, rows
        height, width = rows[0].clips[0].shape[1:3]
        self.factor = factor_for(height, CELL)
        self.height, self.width = height * self.factor, width * self.factor
        self.face, self.bold, self.small = font(15), font(TITLE, bold=True), font(14)
        self.caption_width = CAPTION_WIDTH if any(row.caption for row in rows) else 0

    @cached_property
    def lefts(self) -> list[int]:
        """Left edge of each column."""
        lefts, left = [], MARGIN + self.caption_width
        for group in self.columns:
            lefts += [left + number * (self.width + GAP) for number in range(len(group.heads))]
            left = lefts[-1] + self.width + GROUP_GAP
        return lefts

    @cached_property
    def tops(self) -> list[int]:
        """Upper edge of each row."""
        first = MARGIN + line_height(self.bold) + line_height(self.small) + GAP
        return [first + number * (self.height + GAP) for number in range(len(self.rows))]

    def still(self) -> Picture:
        """Draw everything that does not move."""
        width = self.lefts[-1] + self.width + MARGIN
        height = self.tops[-1] + self.height + MARGIN
        image = Image.new("RGB", (width + width % 2, height + height % 2), GROUND)
        draw = ImageDraw.Draw(image)
        lefts = iter(self.lefts)
        for group in self.columns:
            own = [next(lefts) for _ in group.heads]
            middle = (own[0] + own[-1] + self.width) / 2
            face = fitting(group.title, own[-1] + self.width - own[0], TITLE, bold=True)
            draw.text((middle, MARGIN), group.title, fill=INK, font=face, anchor="ma")
            for left, head in zip(own, group.heads, strict=True):
                place = (left + self.width / 2, MARGIN + line_height(self.bold))
                draw.text(place, head, fill=FAINT_INK, font=self.small, anchor="ma")
        for row, top in zip(self.rows, self.tops, strict=True):
            lines = wrapped(row.caption, self.face, self.caption_width - 12)
            first = top + (self.height - len(lines) * line_height(self.face)) / 2
            for number, line in enumerate(lines):
                draw.text((MARGIN, first + number * line_height(self.face)), line, fill=INK, font=self.face)
        return np.array(image)


def _paste(canvas: Picture, picture: Picture, left: int, top: int) -> None:
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
