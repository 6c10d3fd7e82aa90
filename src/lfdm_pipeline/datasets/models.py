"""Several networks of one kind."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.model import read_model, write_model

if TYPE_CHECKING:
    from torch import nn


class ModelsDataset(ArtifactDataset):
    """Networks by name, each in a folder of its name as `ModelDataset` keeps it.

    Args:
        model: import path of their class.
    """

    is_folder = True

    def __init__(self, *, filepath: str, model: str, metadata: dict[str, Any] | None = None) -> None:
        super().__init__(filepath=filepath, metadata=metadata)
        self._model = model

    def _read(self) -> "dict[str, nn.Module]":
        return {folder.name: read_model(folder, self._model) for folder in self._folders()}

    def _write(self, data: "Mapping[str, nn.Module]") -> None:
        for folder in self._folders():
            if folder.name not in data:
                shutil.rmtree(folder)
        for name, network in data.items():
            write_model(self.path / name, network)

    def _folders(self) -> list[Path]:
        return sorted(path for path in self.path.glob("*") if path.is_dir())
