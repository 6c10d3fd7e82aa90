"""Paths."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.storage import to_path


class PathDataset(AbstractDataset[None, Path]):
    """Hands a node a path, whether anything is there or not."""

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.path = to_path(filepath)
        self.metadata = metadata

    def load(self) -> Path:
        """The path."""
        return self.path

    def save(self, data: None) -> None:
        """Never: a path is an input."""
        raise DatasetError(f"{self.path} is a path: nothing is saved to it")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}
