"""Where people are seen in depth recordings: a check of a corpus' crop box."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.workers import Failed, available_cores, call_in_workers
from lfdm_pipeline.storage import reading

_VARIABLE = "d_depth"
_COLOUR_SCALE = 2  # colour frames are twice as large as depth frames
_SECONDS_A_FILE = 120.0

Edges = list[int]
"""First row, row after the last, first column, column after the last; empty where nobody is seen."""


@dataclass(frozen=True)
class SilhouetteBox:
    """The box of all silhouettes in pixels of the colour frames, None where there are none, and what it is from."""

    box: CropBox | None
    files: int
    unreadable: int

    def beside(self, configured: CropBox | None) -> str:
        """A sentence that holds the configured crop against it."""
        damaged = f" ({self.unreadable} more cannot be read)" if self.unreadable else ""
        return (
            f"silhouettes in {self.files} depth files{damaged} lie within {self.box or 'nothing'}; "
            f"the configured crop is {configured or 'the whole frame'}"
        )


def measure_silhouettes(root: Path, files: Sequence[str], notes: Path, workers: int | None = None) -> SilhouetteBox:
    """Return the box of the silhouettes in depth files, read in child processes.

    Args:
        root: The corpus.
        files: MATLAB files relative to it with a variable `d_depth` (H, W, T), zero where nobody is.
        notes: File of what was read before, brought up to date; unchanged files are not read again.
        workers: Number of child processes; None: one a core.
    """
    before = _read_notes(notes)
    now = {name: {"file": _signature(root / name)} for name in files}
    after = {name: before[name] for name in files if before.get(name, {}).get("file") == now[name]["file"]}
    unread = [root / name for name in files if name not in after]
    outcomes = call_in_workers(silhouette_edges, unread, workers=workers or available_cores(), timeout=_SECONDS_A_FILE)
    for path, outcome in tqdm(outcomes, total=len(unread), desc="silhouettes", unit="file", disable=not unread):
        if not isinstance(outcome, Failed):
            name = path.relative_to(root).as_posix()
            after[name] = {**now[name], "edges": outcome.value}
    if after != before:
        write_text(notes, json.dumps(after))
    edges = [note["edges"] for note in after.values() if note["edges"]]
    return SilhouetteBox(_union(edges), len(after), len(files) - len(after))


def silhouette_edges(path: Path) -> Edges:
    """The box of the silhouettes in all frames of one depth file, in pixels of the colour frames."""
    # Here, since it takes long to import.
    from scipy.io import loadmat

    with reading(path) as file:
        seen = (loadmat(file, variable_names=[_VARIABLE])[_VARIABLE] > 0).any(axis=2)
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if len(rows) == 0:
        return []
    return [_COLOUR_SCALE * int(edge) for edge in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)]


def _union(edges: Sequence[Edges]) -> CropBox | None:
    if not edges:
        return None
    tops, bottoms, lefts, rights = zip(*edges, strict=True)
    return CropBox(top=min(tops), bottom=max(bottoms), left=min(lefts), right=max(rights))


def _signature(path: Path) -> list[int]:
    stat = path.stat()
    return [stat.st_size, stat.st_mtime_ns]


def _read_notes(path: Path) -> Mapping[str, dict[str, Any]]:
    try:
        notes: Mapping[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return notes
