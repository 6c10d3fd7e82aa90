"""Captions drawn into pictures."""

from functools import lru_cache
from pathlib import Path

from PIL import ImageDraw, ImageFont

Colour = tuple[int, int, int]

# One dark ground for every picture and video: it sits well on light and dark pages alike.
GROUND: Colour = (17, 19, 24)
INK: Colour = (236, 238, 242)
FAINT_INK: Colour = (150, 156, 168)
SMALLEST = 10  # pixels, below which letters cannot be read


@lru_cache
def font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which comes with matplotlib and so looks the same on every machine."""
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name), size)


def fitting(text: str, width: int, size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Return the font of at most `size`, and at least `SMALLEST`, in which text is no longer than `width` pixels."""
    sizes = range(size, SMALLEST, -1)
    return font(next((each for each in sizes if font(each, bold).getlength(text) <= width), SMALLEST), bold)


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break text into lines of at most `width` pixels; a longer single word stays whole."""
    lines: list[str] = []
    for word in text.split():
        if lines and face.getlength(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def line_height(face: ImageFont.FreeTypeFont) -> int:
    """Return the distance between two lines in pixels."""
    return round(face.size * 1.3)


def draw_centred(
    draw: ImageDraw.ImageDraw,
    text: str,
    centre: float,
    top: int,
    width: int,
    face: ImageFont.FreeTypeFont,
    ink: Colour,
) -> None:
    """Draw text centred below `top`, broken into lines of at most `width` pixels."""
    for number, line in enumerate(wrapped(text, face, width)):
        draw.text((centre, top + number * line_height(face)), line, fill=ink, font=face, anchor="ma")
