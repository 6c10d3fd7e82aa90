"""The base of every kept catalog entry."""

import logging
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.atomic import remove_leftovers
from lfdm_pipeline.datasets.explanations import differences, mend
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Expected, Manifest
from lfdm_pipeline.datasets.run_log import active_run_id, tag_run
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import to_path
from lfdm_pipeline.unchanged import UNCHANGED

SHOWN_DIFFERENCES = 3


class ArtifactError(InputError, DatasetError):
    """An artifact is missing, was made for another configuration, or changed while it was used."""


class ArtifactDataset(AbstractDataset[Any, Any]):
    """A file or folder with a manifest, which is written last and atomically.

    It exists only when its manifest is what the present configuration expects, and loads only then. Outside a
    project (no lineage bound) any whole artifact will do.

    Args:
        filepath: the file or folder, here or wherever fsspec reaches (`s3://bucket/…`).
        metadata: not read by Kedro; `mlflow: metrics` or `mlflow: artifact` logs what was saved to the run.
    """

    format_version: int = 1
    is_folder: ClassVar[bool] = False

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.path = to_path(filepath)
        self.metadata = metadata
        self._entry = self.path.stem
        self._lineage: Lineage | None = None
        self._shared: Path | None = None
        self._loaded: Manifest | None = None

    def bind(self, entry: str, lineage: Lineage) -> None:
        """Tell the dataset its name and where to ask what it should be made from."""
        self._entry, self._lineage = entry, lineage

    def share(self, path: Path) -> None:
        """Read the artifact from `path`, the main experiment's, where only that is as expected."""
        self._shared = path

    def manifest(self) -> Manifest | None:
        """What the artifact in its own place was made from; None where it is missing or was never finished."""
        return self._manifest_at(self.path)

    def shared_manifest(self) -> Manifest | None:
        """What the main experiment's was made from; None where there is no such place or nothing whole in it."""
        return self._manifest_at(self._shared) if self._shared else None

    def expected(self) -> Expected:
        """What the present configuration would make it from."""
        return self._lineage.expected(self._entry) if self._lineage else self._unbound()

    def place(self) -> Path:
        """Where it is read from: its own place, or that of the main experiment."""
        if self._shared and self._lineage and self._lineage.found(self._entry) != self.manifest():
            return self._shared
        return self.path

    def read_manifest(self) -> Manifest | None:
        """What the artifact in the place that it is read from was made from; None where nothing whole is there."""
        return self._manifest_at(self.place())

    def load(self) -> Any:
        """Read the artifact.

        Raises:
            ArtifactError: it is missing, was made for another configuration, or was replaced while it was read.
        """
        place = self.place()
        self._loaded = self._required(place)
        data = self._read(place)
        self.require_unchanged()
        return data

    def require_unchanged(self) -> None:
        """Make sure that what was loaded, if anything was, is still there.

        Raises:
            ArtifactError: another run has replaced or removed it.
        """
        if self._loaded is None:
            return
        now = self.read_manifest()
        if now is None or now.fingerprint != self._loaded.fingerprint:
            raise ArtifactError(f"{self._entry} was changed by another run while it was in use: run again")

    def save(self, data: Any) -> None:
        """Write the artifact, then its manifest; a node that hands on `UNCHANGED` leaves both as they are.

        Raises:
            ArtifactError: something that it was made from was replaced meanwhile.
        """
        if data is UNCHANGED:
            return
        made = self._lineage.to_make(self._entry) if self._lineage else self._unbound()
        made_by = self._lineage.made_by(self._entry) if self._lineage else None
        for name in made.inputs:
            source = self._lineage.artifacts.get(name) if self._lineage else None
            if isinstance(source, ArtifactDataset):
                source.require_unchanged()
        manifest_path = self.manifest_path(self.path)
        manifest_path.unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._loaded = None
        for path in (self.path, manifest_path):
            remove_leftovers(path)
        self._write(data, self.path)
        Manifest.of(made, mlflow_run_id=active_run_id(), made_by=made_by).write(manifest_path)

    @abstractmethod
    def _read(self, path: Path) -> Any: ...

    @abstractmethod
    def _write(self, data: Any, path: Path) -> None: ...

    def manifest_path(self, path: Path) -> Path:
        """Where the manifest of an artifact at `path` lies."""
        return path / FOLDER_MANIFEST if self.is_folder else path.with_name(path.name + ".manifest.json")

    def _manifest_at(self, path: Path) -> Manifest | None:
        return Manifest.read(self.manifest_path(path)) if path.exists() else None

    def _required(self, place: Path) -> Manifest:
        manifest = self._manifest_at(place)
        if manifest is None:
            raise ArtifactError(f"{self._entry} is missing ({place}); make it with: {self._mend()}")
        if self._lineage and not self._lineage.is_current(self._entry):
            why = self._why(self._lineage)
            if not self._lineage.allow_stale:
                raise ArtifactError(f"{self._entry} ({place}) {why}; make it again with: {self._mend()}")
            logging.getLogger(__name__).warning("allow_stale: %s (%s) is used although it %s", self._entry, place, why)
            tag_run(f"stale.{self._entry}", why)
        return manifest

    def _why(self, lineage: Lineage) -> str:
        found = list(differences(lineage, self._entry))
        more = len(found) - SHOWN_DIFFERENCES
        return f"was made for another configuration: {'; '.join(found[:SHOWN_DIFFERENCES])}" + (
            f"; and {more} more" if more > 0 else ""
        )

    def _unbound(self) -> Expected:
        return Expected(self._entry, "unbound", self.format_version, {}, {})

    def _mend(self) -> str:
        return mend(self._lineage, self._entry) if self._lineage else "the pipeline that makes it"

    def _exists(self) -> bool:
        if self._lineage is None:
            return self.manifest() is not None
        return self._lineage.is_current(self._entry)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}
