"""The same conditions by several models or samplers, block beside block, as one video."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont as Font

from lfdm_pipeline.showcase.lettering import FAINT_INK, GROUND, INK, Colour, draw_centred, font, line_height, wrapped
from lfdm_pipeline.showcase.pictures import Clip, Picture, padded, resized

CELL = 128  # pixels a clip is brought to at least
MARGIN, GAP, BLOCK_GAP, CAPTION_SPACE = 28, 8, 30, 8
EMPTY = (32, 35, 42)


@dataclass(frozen=True)
class Head:
    """What a row starts from: a picture (H, W, 3) and the words below it."""

    caption: str
    picture: Picture


@dataclass(frozen=True)
class Block:
    """One model's clips.

    Attributes:
        title: What made them.
        columns: What stands above each column; empty strings where the title says it all.
        rows: Clips (T, H, W, 3) by row and column; None where there is none.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Clip | None]]


def block_grid(heads: Sequence[Head], blocks: Sequence[Block], hold: int = 0) -> Clip:
    """Lay blocks out beside each other, one row a head.

    Clips of all sizes are brought to that of the largest. One that is shorter than the longest stands still at both
    ends: its first and its last frame come four times more, as in the supplement, and the last goes on for what is
    still missing.

    Args:
        heads: One a row.
        blocks: Each with as many rows.
        hold: Frames for which everything rests at the end.

    Returns:
        (T, H', W', 3) with even H' and W'.
    """
    layout = _Layout(heads, blocks)
    length = max(len(clip) for _, _, clip in layout.clips()) + hold
    frames = np.repeat(layout.still()[None], length, axis=0)
    for left, top, clip in layout.clips():
        shown = padded(clip, length - hold)
        cells = np.stack([resized(frame, layout.height, layout.width) for frame in shown])
        cells = cells[np.minimum(np.arange(length), len(cells) - 1)]
        frames[:, top : top + layout.height, left : left + layout.width] = cells
    return frames


class _Layout:
    """Where everything goes, in pixels."""

    def __init__(self, heads: Sequence[Head], blocks: Sequence[Block]) -> None:
        self.heads, self.blocks = heads, blocks
        pictures = [head.picture for head in heads]
        pictures += [clip[0] for block in blocks for row in block.rows for clip in row if clip is not None]
        tallest = max(pictures, key=lambda picture: picture.shape[0])
        factor = max(1.0, CELL / tallest.shape[0])
        self.height, self.width = (round(side * factor) for side in tallest.shape[:2])
        self.face, self.title_face = font(15), font(18, bold=True)
        captions = [head.caption for head in heads]
        self.caption_height = self._lines(captions) * line_height(self.face)
        self.row_height = self.height + (CAPTION_SPACE + self.caption_height if any(captions) else 0) + GAP
        named = [name for block in blocks for name in block.columns]
        names_height = self._lines(named) * line_height(self.face) if any(named) else 0
        self.names_top = MARGIN + line_height(self.title_face) + CAPTION_SPACE
        self.top = self.names_top + names_height + (CAPTION_SPACE if names_height else 0)
        self.lefts = []
        left = MARGIN + self.width + BLOCK_GAP
        for block in blocks:
            self.lefts.append(left)
            left += len(block.columns) * (self.width + GAP) - GAP + BLOCK_GAP
        self.canvas = (left - BLOCK_GAP + MARGIN, self.top + len(heads) * self.row_height - GAP + MARGIN)

    def clips(self) -> Iterator[tuple[int, int, Clip]]:
        """Left and upper edge of each clip."""
        for left, block in zip(self.lefts, self.blocks, strict=True):
            for number, row in enumerate(block.rows):
                for column, clip in enumerate(row):
                    if clip is not None:
                        yield left + column * (self.width + GAP), self.top + number * self.row_height, clip

    def still(self) -> Picture:
        """Draw everything that does not move."""
        width, height = self.canvas
        image = Image.new("RGB", (width + width % 2, height + height % 2), GROUND)
        draw = ImageDraw.Draw(image)
        self._write(draw, "given", MARGIN, MARGIN, self.title_face, FAINT_INK)
        for number, head in enumerate(self.heads):
            top = self.top + number * self.row_height
            image.paste(Image.fromarray(resized(head.picture, self.height, self.width)), (MARGIN, top))
            self._write(draw, head.caption, MARGIN, top + self.height + CAPTION_SPACE, self.face, FAINT_INK)
        for left, block in zip(self.lefts, self.blocks, strict=True):
            across = len(block.columns) * (self.width + GAP) - GAP
            draw.text((left + across / 2, MARGIN), block.title, fill=INK, font=self.title_face, anchor="ma")
            for column, name in enumerate(block.columns):
                x = left + column * (self.width + GAP)
                self._write(draw, name, x, self.names_top, self.face, FAINT_INK)
                for row in range(len(block.rows)):
                    y = self.top + row * self.row_height
                    draw.rectangle((x, y, x + self.width - 1, y + self.height - 1), fill=EMPTY)
        return np.array(image)

    def _write(self, draw: ImageDraw.ImageDraw, text: str, left: int, top: int, face: Font, ink: Colour) -> None:
        draw_centred(draw, text, left + self.width / 2, top, self.width, face, ink)

    def _lines(self, captions: Sequence[str]) -> int:
        return max((len(wrapped(caption, self.face, self.width)) for caption in captions), default=0)
