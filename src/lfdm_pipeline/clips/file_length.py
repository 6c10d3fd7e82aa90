"""Files that say how long they are: a shorter one was cut off, which decoders do not always notice."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from lfdm_pipeline.errors import InputError


def require_whole(path: Path) -> None:
    """Check that a RIFF (AVI) or ISO (MP4, MOV, 3GP) file is as long as its parts say; others pass.

    Raises:
        InputError: It is shorter.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12)
        parts = _chunks(file, size) if head[:4] == b"RIFF" else _boxes(file, size) if head[4:8] in _FIRST_BOXES else ()
        end = max(parts, default=0)
    if end > size:
        raise InputError(f"{path} is damaged: {size} of its {end} bytes are there")


_FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")


def _chunks(file: BinaryIO, size: int) -> Iterator[int]:
    """Where each top-level chunk of a RIFF file ends; a file of more than 1 GB has several."""
    start = 0
    while start + 8 <= size:
        file.seek(start)
        name, length = file.read(4), int.from_bytes(file.read(4), "little")
        # A recorder that was cut off leaves 0 or the largest number.
        if name != b"RIFF" or length in (0, 2**32 - 1):
            return
        # Some writers count the eight bytes of the header, too, or forget the byte that makes it even; so few bytes of
        # an index are no loss.
        start += 8 + length
        yield start - 9


def _boxes(file: BinaryIO, size: int) -> Iterator[int]:
    """Where each top-level box of an ISO base media file ends (ISO/IEC 14496-12, section 4.2)."""
    start = 0
    while start + 8 <= size:
        file.seek(start, os.SEEK_SET)
        length, name = int.from_bytes(file.read(4), "big"), file.read(4)
        if length == 1:
            length = int.from_bytes(file.read(8), "big")
        # Zero reaches to the end; less than a header, or a name that is none, is what some writers leave behind it.
        if length < 8 or not name.isalnum():
            return
        start += length
        yield start
