"""Names of files after what they show."""

import zlib
from collections import Counter
from collections.abc import Iterable

LONGEST = 100  # bytes, of which file systems take 255


def file_stems(texts: Iterable[str]) -> dict[str, str]:
    """Part of a file's name for each text, such as a label: letters, digits, `-` and `.` within.

    Two texts never have the same, also where upper and lower case are one: what punctuation or case alone tells apart
    has a checksum, and so has what is too long.
    """
    plain = {text: _plain(text) for text in texts}
    count = Counter(stem.casefold() for stem in plain.values())
    return {
        text: stem if count[stem.casefold()] == 1 and len(stem.encode()) <= LONGEST else _with_checksum(stem, text)
        for text, stem in plain.items()
    }


def _plain(text: str) -> str:
    return "".join(c if c.isalnum() or c in "-." else "-" for c in text).strip(".") or "-"


def _with_checksum(stem: str, text: str) -> str:
    return f"{stem.encode()[:LONGEST].decode(errors='ignore')}-{zlib.crc32(text.encode()):08x}"
