"""Captions drawn into pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import ImageDraw

from lfdm_pipeline.showcase.fonts import font_for, legible

Colour = tuple[int, int, int]

# One dark ground for every picture and video: it sits well on light and dark pages alike.
GROUND: Colour = (17, 19, 24)
INK: Colour = (236, 238, 242)
FAINT_INK: Colour = (150, 156, 168)


@dataclass(frozen=True)
class Face:
    """Letters of one size.

    Attributes:
        size: Their height in pixels.
        bold: Whether they are.
    """

    size: int
    bold: bool = False

    @property
    def line_height(self) -> int:
        """Distance between two lines in pixels."""
        return round(self.size * 1.3)

    def length(self, text: str) -> float:
        """Length of a line in pixels."""
        return font_for(text, self.size, self.bold).getlength(text)

    def lines(self, text: str, width: int, most: int) -> list[str]:
        """Break text into at most `most` lines of at most `width` pixels; what is left out is an ellipsis.

        A word that is longer than a line is broken, too.
        """
        lines: list[str] = []
        for word in self._pieces(legible(text, self.bold), width):
            if lines and self.length(f"{lines[-1]} {word}") <= width:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        return lines if len(lines) <= most else [*lines[: most - 1], self._shortened(lines[most - 1], width)]

    def write(
        self, draw: ImageDraw.ImageDraw, place: tuple[float, float], lines: Sequence[str], ink: Colour, anchor: str
    ) -> None:
        """Draw lines below each other; the anchor is Pillow's: `la` where `place` is their upper left, `ma` middle."""
        left, top = place
        for number, line in enumerate(lines):
            below = left, top + number * self.line_height
            draw.text(below, line, fill=ink, font=font_for(line, self.size, self.bold), anchor=anchor)

    def _pieces(self, text: str, width: int) -> Iterator[str]:
        for word in text.split():
            piece = ""
            for letter in word:
                if piece and self.length(piece + letter) > width:
                    yield piece
                    piece = ""
                piece += letter
            yield piece

    def _shortened(self, line: str, width: int) -> str:
        while line and self.length(f"{line}…") > width:
            line = line[:-1]
        return f"{line.rstrip()}…"
