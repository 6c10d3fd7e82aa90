"""A font that has the letters of a text."""

import logging
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

_LOG = logging.getLogger(__name__)


def font_for(text: str, size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, or the font of this machine that has more of the text's letters than any other.

    DejaVu Sans comes with matplotlib and so looks the same on every machine.
    """
    return _opened(_file_for(_letters(text), bold), size)


@lru_cache(maxsize=4096)
def legible(text: str, bold: bool) -> str:
    """Return a text without line breaks, letters that no font of this machine has as code points: `U+7B11`.

    A box would stand for any of them, and labels could not be told apart.
    """
    text = "".join(c for c in " ".join(text.split()) if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    missing = _letters(text) - _covered(_file_for(_letters(text), bold))
    if missing:
        _LOG.warning(
            "pictures say %s for letters of '%s': install a font that has them, such as Noto Sans CJK",
            ", ".join(map(_code, sorted(missing)[:3])),
            text,
        )
    return " ".join("".join(f" {_code(ord(c))} " if ord(c) in missing else c for c in text).split())


def _code(letter: int) -> str:
    return f"U+{letter:04X}"


def _letters(text: str) -> frozenset[int]:
    return frozenset(map(ord, text)) - {ord(" ")}


@lru_cache(maxsize=4096)
def _file_for(letters: frozenset[int], bold: bool) -> str:
    best, most = "", -1
    for path in _fonts(bold):
        covered = len(letters & _covered(path))
        if covered > most:
            best, most = path, covered
        if most == len(letters):
            break
    return best


def _fonts(bold: bool) -> Iterator[str]:
    import matplotlib

    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    yield str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name)
    yield from _system_fonts()


@lru_cache
def _opened(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


@lru_cache
def _system_fonts() -> tuple[str, ...]:
    from matplotlib.font_manager import findSystemFonts

    return tuple(sorted(findSystemFonts()))


@lru_cache
def _covered(path: str) -> frozenset[int]:
    """Code points that a font has letters for; none where it cannot be drawn at any size."""
    from matplotlib.ft2font import FT2Font

    try:
        ImageFont.truetype(path, 17)
        font = FT2Font(path)
    except (OSError, RuntimeError):
        return frozenset()
    # A font of last resort has a box for every letter.
    return frozenset() if "LastResort" in font.postscript_name else frozenset(font.get_charmap())
