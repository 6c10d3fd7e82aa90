"""What there is of every artifact."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, cast

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.explanations import differences
from lfdm_pipeline.datasets.fingerprint import Lineage
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
        files: number of files in it.
        size: their bytes.
        age: since it was made; None where it is missing.
        mlflow_run_id: the run that made it.
    """

    entry: str
    state: State
    reasons: tuple[str, ...]
    path: Path
    files: int
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
        return Status(name, "missing", (), place, 0, 0, None, None)
    state: State = "present" if lineage.is_current(name) else "out of date"
    sizes = list(_sizes(place))
    age = datetime.now(UTC) - datetime.fromisoformat(manifest.created)
    reasons = tuple(differences(lineage, name)) if state == "out of date" else ()
    return Status(name, state, reasons, place, len(sizes), sum(sizes), age, manifest.mlflow_run_id)


def _sizes(path: Path) -> Iterator[int]:
    if is_remote(path):
        remote = cast(Any, path)
        files = remote.fs.find(remote.path, detail=True)
        yield from (info["size"] for name, info in files.items() if not name.rpartition("/")[2].startswith("."))
    elif path.is_dir():
        yield from (file.stat().st_size for file in path.rglob("[!.]*") if file.is_file())
    else:
        yield path.stat().st_size
