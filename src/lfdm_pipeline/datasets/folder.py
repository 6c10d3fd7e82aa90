"""Folders that a node fills piece by piece."""

from pathlib import Path
from typing import Any

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.imports import import_object
from lfdm_pipeline.errors import InputError


class FolderDataset(ArtifactDataset):
    """A folder made through a workspace; saving only seals it with its manifest.

    Args:
        opens: import path of what loading makes of the folder: a class that takes its path.
    """

    is_folder = True

    def __init__(self, *, filepath: str, opens: str = "pathlib.Path", metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath=filepath, metadata=metadata)
        self._opens = opens

    def _read(self) -> Any:
        return import_object(self._opens)(self.path)

    def _write(self, data: Any) -> None:
        # The node returns what it filled, which is only looked at to catch a node that filled another folder.
        root = data if isinstance(data, Path) else data.root
        if root != self.path or not self.path.is_dir():
            raise InputError(f"{self._entry}: {root} was filled, but {self.path} is to be kept")
