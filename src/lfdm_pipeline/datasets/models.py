"""Several networks of one kind."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.model import read_model, write_model
from lfdm_pipeline.storage import remove_folder

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

    def _read(self, path: Path) -> "dict[str, nn.Module]":
        return {folder.name: read_model(folder, self._model) for folder in _folders(path)}

    def _write(self, data: "Mapping[str, nn.Module]", path: Path) -> None:
        for folder in _folders(path):
            if folder.name not in data:
                remove_folder(folder)
        for name, network in data.items():
            write_model(path / name, network)


def _folders(path: Path) -> list[Path]:
    return sorted((folder for folder in path.glob("*") if folder.is_dir()), key=str)
