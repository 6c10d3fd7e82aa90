"""Folders that a node fills piece by piece."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.fingerprint import digest
from lfdm_pipeline.datasets.imports import import_object
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import copies_of, is_remote


class FolderDataset(ArtifactDataset):
    """A folder made through a workspace; saving only seals it with its manifest.

    Args:
        opens: import path of what loading makes of the folder: a class that takes its path and, where the folder is
            remote, `copies`: where on this machine to keep copies of its files. Null hands out the path.
    """

    is_folder = True

    def __init__(self, *, filepath: str, opens: str | None = None, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath=filepath, metadata=metadata)
        self._opens = opens

    def _read(self, path: Path) -> Any:
        if self._opens is None:
            return path
        opens, manifest = import_object(self._opens), self._manifest_at(path)
        if not is_remote(path) or manifest is None:
            return opens(path)
        # What is sealed does not change any more: one copy of each file is enough for as long as the seal is the same.
        return opens(path, copies=copies_of(path, digest(asdict(manifest))))

    def _write(self, data: Any, path: Path) -> None:
        # The node returns what it filled, which is only looked at to catch a node that filled another folder.
        root = data if data == path else getattr(data, "root", data)
        if root != path or not path.is_dir():
            raise InputError(f"{self._entry}: {root} was filled, but {path} is to be kept")
