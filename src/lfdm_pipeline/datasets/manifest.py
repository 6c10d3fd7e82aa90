"""What an artifact was made from; written last, so that its presence says that the artifact is whole."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from lfdm_pipeline import atomic

UNSET = "unset"
FOLDER_MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Expected:
    """What the present configuration would make an entry from.

    Attributes:
        entry: catalog name.
        fingerprint: digest of everything below.
        format_version: version of the file format.
        parameters: the values that shape it, by dotted name.
        inputs: fingerprints of what it is made from, by catalog name.
        upstream: the parameters that shape what it is made from, all the way up; the fingerprint has them by `inputs`.
    """

    entry: str
    fingerprint: str
    format_version: int
    parameters: Mapping[str, Any]
    inputs: Mapping[str, str]
    upstream: Mapping[str, Any] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class Manifest(Expected):
    """What an artifact on disk was made from.

    Attributes:
        created: UTC time, ISO 8601.
        mlflow_run_id: run that made it.
        made_by: pipeline that made it.
    """

    created: str
    mlflow_run_id: str | None
    made_by: str | None = None

    @classmethod
    def of(cls, expected: Expected, *, mlflow_run_id: str | None, made_by: str | None = None) -> Self:
        """The manifest of an artifact made as expected, now."""
        created = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(**vars(expected), created=created, mlflow_run_id=mlflow_run_id, made_by=made_by)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The manifest at `path`, or None where there is none that can be read.

        Raises:
            OSError: the storage does not answer; that says nothing about what is there.
        """
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, ValueError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Keep it at `path`, atomically."""
        atomic.write_text(path, json.dumps(asdict(self), indent=2, default=str) + "\n")

    def differences(self, expected: Expected) -> Iterator[str]:
        """What shaped this artifact otherwise than expected, in words; what it was made from aside."""
        yield from changes(self.parameters, expected.parameters)
        if self.format_version != expected.format_version:
            yield f"its format was version {self.format_version}, is {expected.format_version}"


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Which parameters have other values, in words."""
    for name in sorted({*before, *now}):
        old, new = before.get(name, UNSET), now.get(name, UNSET)
        if old != new:
            yield f"{name} was {old}, is {new}"
