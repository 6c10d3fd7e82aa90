"""The base of every kept catalog entry."""

from abc import abstractmethod
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Expected, Manifest
from lfdm_pipeline.datasets.run_log import active_run_id
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.unchanged import UNCHANGED

SHOWN_DIFFERENCES = 3


class ArtifactError(InputError, DatasetError):
    """An artifact is missing or was made for another configuration."""


class ArtifactDataset(AbstractDataset[Any, Any]):
    """A file or folder with a manifest, which is written last and atomically.

    It exists only when its manifest is what the present configuration expects, and loads only then. Outside a
    project (no lineage bound) any whole artifact will do.

    Args:
        filepath: the file or folder.
        metadata: not read by Kedro; `mlflow: metrics` or `mlflow: artifact` logs what was saved to the run.
    """

    format_version: int = 1
    is_folder: ClassVar[bool] = False

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.path = Path(filepath)
        self.metadata = metadata
        self._entry = self.path.stem
        self._lineage: Lineage | None = None

    def bind(self, entry: str, lineage: Lineage) -> None:
        """Tell the dataset its name and where to ask what it should be made from."""
        self._entry, self._lineage = entry, lineage

    def manifest(self) -> Manifest | None:
        """What the artifact on disk was made from; None where it is missing or was never finished."""
        return Manifest.read(self._manifest_path) if self.path.exists() else None

    def expected(self) -> Expected:
        """What the present configuration would make it from."""
        return self._lineage.expected(self._entry) if self._lineage else self._unbound()

    def load(self) -> Any:
        """Read the artifact.

        Raises:
            ArtifactError: it is missing, or was made for another configuration.
        """
        self._require_current()
        return self._read()

    def save(self, data: Any) -> None:
        """Write the artifact, then its manifest; a node that hands on `UNCHANGED` leaves both as they are."""
        if data is UNCHANGED:
            return
        self._manifest_path.unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write(data)
        created = datetime.now(UTC).isoformat(timespec="seconds")
        made = self._lineage.to_make(self._entry) if self._lineage else self._unbound()
        made_by = self._lineage.made_by(self._entry) if self._lineage else None
        manifest = Manifest.of(made, created=created, mlflow_run_id=active_run_id(), made_by=made_by)
        manifest.write(self._manifest_path)

    @abstractmethod
    def _read(self) -> Any: ...

    @abstractmethod
    def _write(self, data: Any) -> None: ...

    @property
    def _manifest_path(self) -> Path:
        if self.is_folder:
            return self.path / FOLDER_MANIFEST
        return self.path.with_name(self.path.name + ".manifest.json")

    def _require_current(self) -> None:
        manifest = self.manifest()
        if manifest is None:
            raise ArtifactError(f"{self._entry} is missing ({self.path}); make it with: {self._mend()}")
        if self._lineage and not self._lineage.is_current(self._entry):
            differences = list(self._lineage.differences(self._entry))
            shown = "; ".join(differences[:SHOWN_DIFFERENCES])
            more = len(differences) - SHOWN_DIFFERENCES
            raise ArtifactError(
                f"{self._entry} ({self.path}) was made for another configuration: {shown}"
                f"{f'; and {more} more' if more > 0 else ''}; make it again with: {self._mend()}"
            )

    def _unbound(self) -> Expected:
        return Expected(self._entry, "unbound", self.format_version, {}, {})

    def _mend(self) -> str:
        return self._lineage.mend(self._entry) if self._lineage else "the pipeline that makes it"

    def _exists(self) -> bool:
        manifest = self.manifest()
        return manifest is not None and (self._lineage is None or self._lineage.is_current(self._entry))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}
