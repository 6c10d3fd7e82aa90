"""Clip ids from the names of files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

VIDEO_SUFFIXES = frozenset(
    {".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".flv", ".ts", ".3gp", ".ogv"}
)
"""Endings of video files, in lower case."""
IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
"""Endings of frames, in lower case."""


def clip_ids(sources: Sequence[str]) -> list[str]:
    """Clip ids of files: their names without suffix, with it where two would be the same."""
    plain = [_safe(PurePosixPath(source).with_suffix("").as_posix()) for source in sources]
    count = Counter(name.casefold() for name in plain)
    return [
        name if count[name.casefold()] == 1 else _safe(source.replace(".", "_"))
        for name, source in zip(plain, sources, strict=True)
    ]


def _safe(name: str) -> str:
    return "/".join(_safe_part(part) for part in name.split("/"))


def _safe_part(part: str) -> str:
    kept = "".join(c if c.isprintable() and c not in '\\:*?"<>|' else "_" for c in part)
    return kept.strip(" .") or "_"
