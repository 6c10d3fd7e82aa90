"""Parameters that name a model kept elsewhere: what it holds shapes a result, not where it lies."""

from functools import lru_cache
from hashlib import file_digest
from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Manifest
from lfdm_pipeline.kept_models import WEIGHTS, KeptModels, file_path
from lfdm_pipeline.storage import to_path

STARTS = {"lfae.training.init_from": "lfae", "dm.training.init_from": "dm"}
"""Where a training starts, by parameter, and the entry that is trained."""

IMPORTS = {"reference.lfae": "lfae", "reference.dm": "dm"}
"""What is imported, by parameter, and the entry it becomes. Given with the one command that imports."""


class KeptModelsDataset(AbstractDataset[None, KeptModels]):
    """Hands a node the finder of models.

    Args:
        filepath: folder of all corpora's models, `<corpus>/<experiment>/<entry>` in it.
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.path = to_path(filepath)
        self.metadata = metadata

    def load(self) -> KeptModels:
        """The finder."""
        return KeptModels(self.path)

    def save(self, data: None) -> None:
        """Never: a finder is an input."""
        raise DatasetError(f"{self.path} holds the models of all corpora: nothing is saved to it as a whole")

    def fingerprint(self, name: str, entry: str) -> str | None:
        """What stands for the content of the model called `name`; None where it is not on this machine."""
        path = self.load().locate(name, entry)
        return content_fingerprint(path) if path is not None else None

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}


def content_fingerprint(path: Path) -> str:
    """What stands for the content of a model: its artifact's fingerprint, or the checksum of its file."""
    if path.is_file():
        state = path.stat()
        return _checksum(path, state.st_mtime, state.st_size)
    manifest = Manifest.read(path / FOLDER_MANIFEST)
    return manifest.fingerprint if manifest else content_fingerprint(path / WEIGHTS)


def file_fingerprint(name: str) -> str | None:
    """The checksum of a file that a user names; None where it is not on this machine."""
    path = file_path(name)
    return content_fingerprint(path) if path.is_file() else None


@lru_cache(maxsize=32)
def _checksum(path: Path, modified: float, size: int) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:16]
