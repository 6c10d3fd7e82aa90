"""The annotation of NATOPS: where in a video each repetition of a gesture lies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline.errors import InputError

_GESTURE = re.compile(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)")
_SEGMENT = re.compile(r"(\d+)\s*:\s*(\d+)\s*,\s*(\d+)")


@dataclass(frozen=True)
class Segment:
    """One repetition of a gesture; frames as the file counts them, both ends belong to it."""

    repetition: int
    start: int
    end: int


@dataclass(frozen=True)
class SegmentedVideo:
    """What the file says of the video of one subject and gesture."""

    subject: int
    gesture: int
    announced: int
    """Number of repetitions that its first line announces."""
    segments: tuple[Segment, ...]


def read_segmentation(path: Path) -> Iterator[SegmentedVideo]:
    """Read `<subject>,<gesture>,<n>` lines and the `<repetition>:<start>,<end>` lines below each.

    Raises:
        InputError: A line is neither these nor blank nor a `//` comment, or belongs to no gesture.
    """
    gesture: tuple[int, int, int] | None = None
    segments: list[Segment] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), start=1):
        text = line.strip()
        if not text or text.startswith("//"):
            continue
        if header := _GESTURE.fullmatch(text):
            if gesture:
                yield SegmentedVideo(*gesture, tuple(segments))
            gesture, segments = (int(header[1]), int(header[2]), int(header[3])), []
        elif (segment := _SEGMENT.fullmatch(text)) and gesture:
            segments.append(Segment(int(segment[1]), int(segment[2]), int(segment[3])))
        else:
            raise InputError(
                f"{path}, line {number}: {text[:60]!r} is no <subject>,<gesture>,<n> and no <repetition>:<start>,<end> "
                "below one: correct it or fetch the file again"
            )
    if gesture:
        yield SegmentedVideo(*gesture, tuple(segments))
