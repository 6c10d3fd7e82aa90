"""Clip ids from names of files."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from lfdm_pipeline.clips.file_kinds import VIDEO_SUFFIXES


def clip_ids(sources: Sequence[str]) -> list[str]:
    """Clip ids of videos and folders: their paths without suffix, with it where two would be the same."""
    plain = [_safe(_without_suffix(source)) for source in sources]
    count = Counter(name.casefold() for name in plain)
    full = [
        name if count[name.casefold()] == 1 else _safe(source.replace(".", "_"))
        for name, source in zip(plain, sources, strict=True)
    ]
    return _numbered(full)


def _without_suffix(source: str) -> str:
    path = PurePosixPath(source)
    return path.with_suffix("").as_posix() if path.suffix.lower() in VIDEO_SUFFIXES else source


def _numbered(names: Sequence[str]) -> list[str]:
    """Names that differ, by upper and lower case at most, get a number each after the first."""
    taken: set[str] = set()
    different = []
    for name in names:
        number, candidate = 1, name
        while candidate.casefold() in taken:
            number += 1
            candidate = f"{name}~{number}"
        taken.add(candidate.casefold())
        different.append(candidate)
    return different


def _safe(name: str) -> str:
    return "/".join(_safe_part(part) for part in name.split("/"))


def _safe_part(part: str) -> str:
    kept = "".join(c if c.isprintable() and c not in '\\:*?"<>|' else "_" for c in part)
    return kept.strip(" .") or "_"
