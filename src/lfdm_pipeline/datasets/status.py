"""What there is of every artifact."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal, cast

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.explanations import differences
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST
from lfdm_pipeline.storage import is_remote

State = Literal["present", "out of date", "missing"]


@dataclass(frozen=True)
class Status:
    """One artifact.

    Attributes:
        entry: catalog name.
        state: whether it is there, and what the present configuration would make.
        reasons: why it is out of date.
        path: where it is, or would be.
        pieces: number of clips, or of whatever else it holds one file of each kind for; 1 where it is a whole.
        size: bytes of its files.
        age: since it was made; None where it is missing.
        mlflow_run_id: the run that made it.
    """

    entry: str
    state: State
    reasons: tuple[str, ...]
    path: Path
    pieces: int
    size: int
    age: timedelta | None
    mlflow_run_id: str | None


def statuses(lineage: Lineage) -> Iterator[Status]:
    """The status of every artifact that a pipeline makes, in the order in which they are made."""
    for step in lineage.steps:
        for name in step.outputs:
            artifact = lineage.artifacts.get(name)
            if isinstance(artifact, ArtifactDataset) and lineage.maker(name) == step:
                yield _status(name, artifact, lineage)


def _status(name: str, artifact: ArtifactDataset, lineage: Lineage) -> Status:
    manifest, place = lineage.found(name), artifact.place()
    if manifest is None:
        return Status(name, "missing", (), place, 1, 0, None, None)
    state: State = "present" if lineage.is_current(name) else "out of date"
    files = dict(_files(place))
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.created)
    reasons = tuple(differences(lineage, name)) if state == "out of date" else ()
    return Status(name, state, reasons, place, _pieces(files), sum(files.values()), age, manifest.mlflow_run_id)


def _pieces(files: Iterable[str]) -> int:
    kinds = Counter(PurePosixPath(file).suffix for file in files)
    # Where there are more of one kind than of another, they are not the parts of equal pieces.
    return max(kinds.values()) if len(set(kinds.values())) == 1 else 1


def _files(path: Path) -> Iterator[tuple[str, int]]:
    """The artifact's own files and their sizes."""
    for file, size in _all_files(path):
        name = PurePosixPath(file).name
        if name != FOLDER_MANIFEST and not name.startswith("."):
            yield file, size


def _all_files(path: Path) -> Iterator[tuple[str, int]]:
    if is_remote(path):
        remote = cast(Any, path)
        yield from ((name, info["size"]) for name, info in remote.fs.find(remote.path, detail=True).items())
    else:
        files = path.rglob("*") if path.is_dir() else [path]
        yield from ((file.as_posix(), file.stat().st_size) for file in files if file.is_file())
