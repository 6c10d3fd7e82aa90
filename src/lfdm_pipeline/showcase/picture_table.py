"""Clips and stills laid out as a table with heads, to be compared at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image, ImageDraw

from lfdm_pipeline.showcase.lettering import FAINT_INK, GROUND, INK, Colour, Face
from lfdm_pipeline.showcase.pictures import Clip, Picture, enlarge, factor_for, held

CELL = 128  # pixels a picture is brought to at least
MARGIN, GAP, GROUP_GAP = 24, 4, 18
CAPTION_WIDTH = 130
HEAD_LINES = 3


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
        self.face, self.bold, self.small = Face(15), Face(17, bold=True), Face(14)
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
    def titles(self) -> list[list[str]]:
        """Lines of each group's title."""
        widths = [len(group.heads) * (self.width + GAP) - GAP for group in self.columns]
        pairs = zip(self.columns, widths, strict=True)
        return [self.bold.lines(group.title, width, HEAD_LINES) for group, width in pairs]

    @cached_property
    def heads(self) -> list[list[str]]:
        """Lines of each column's head."""
        return [self.small.lines(head, self.width, HEAD_LINES) for group in self.columns for head in group.heads]

    @cached_property
    def heads_top(self) -> int:
        """Lower edge of the titles."""
        return MARGIN + max(map(len, self.titles)) * self.bold.line_height

    @cached_property
    def tops(self) -> list[int]:
        """Upper edge of each row."""
        first = self.heads_top + max(map(len, self.heads)) * self.small.line_height + GAP
        return [first + number * (self.height + GAP) for number in range(len(self.rows))]

    def still(self) -> Picture:
        """Draw everything that does not move."""
        width = self.lefts[-1] + self.width + MARGIN
        height = self.tops[-1] + self.height + MARGIN
        image = Image.new("RGB", (width + width % 2, height + height % 2), GROUND)
        draw = ImageDraw.Draw(image)
        ends = np.cumsum([len(group.heads) for group in self.columns])
        for group, end, lines in zip(self.columns, ends, self.titles, strict=True):
            middle = (self.lefts[end - len(group.heads)] + self.lefts[end - 1] + self.width) / 2
            _write_above(draw, self.bold, lines, (middle, self.heads_top), INK)
        for left, lines in zip(self.lefts, self.heads, strict=True):
            _write_above(draw, self.small, lines, (left + self.width / 2, self.tops[0] - GAP), FAINT_INK)
        for row, top in zip(self.rows, self.tops, strict=True):
            lines = self.face.lines(row.caption, self.caption_width - 12, self.height // self.face.line_height)
            first = top + (self.height - len(lines) * self.face.line_height) / 2
            self.face.write(draw, (MARGIN, first), lines, INK, "la")
        return np.array(image)


def _write_above(
    draw: ImageDraw.ImageDraw, face: Face, lines: Sequence[str], place: tuple[float, int], ink: Colour
) -> None:
    """Draw lines centred above a place."""
    middle, bottom = place
    face.write(draw, (middle, bottom - len(lines) * face.line_height), lines, ink, "ma")


def _paste(canvas: Picture, picture: Picture, left: int, top: int) -> None:
    canvas[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
