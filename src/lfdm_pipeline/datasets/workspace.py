"""Where nodes make artifacts piece by piece, and go on after they were killed."""

from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Manifest
from lfdm_pipeline.workspace import Workspace


class WorkspaceDataset(AbstractDataset[None, Workspace]):
    """Hands a node the folder that a kept entry is made in, with the fingerprint of what is being made.

    Args:
        filepath: the folder; the entry's own, or one beside it (checkpoints).
        serves: the kept entry whose fingerprint its pieces belong to.
        parts: name of a mapping among the parameters that shape the entry; each of its items shapes a part that
            depends on no other item.
    """

    def __init__(
        self, *, filepath: str, serves: str, parts: str | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        self.path = Path(filepath)
        self.serves = serves
        self.parts = parts
        self.metadata = metadata
        self._lineage: Lineage | None = None

    def bind(self, lineage: Lineage) -> None:
        """Tell the dataset where to ask for fingerprints."""
        self._lineage = lineage

    def identity(self) -> str:
        """Fingerprint of what would be made in it now."""
        return self._lineage.to_make(self.serves).fingerprint if self._lineage else "unbound"

    def load(self) -> Workspace:
        """The workspace, which is no longer a finished artifact if it was one of another configuration."""
        identity = self.identity()
        manifest_path = self.path / FOLDER_MANIFEST
        manifest = Manifest.read(manifest_path)
        if manifest and manifest.fingerprint != identity:
            # Its pieces are about to be replaced one by one: a run killed meanwhile leaves no whole artifact.
            manifest_path.unlink()
        parts = self._lineage.parts(self.serves, self.parts) if self._lineage and self.parts else {}
        return Workspace(self.path, identity, parts)

    def save(self, data: None) -> None:
        """Never: a workspace is an input of the node that fills it."""
        raise DatasetError(f"{self.path} is a workspace: nothing is saved to it")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path), "serves": self.serves}
