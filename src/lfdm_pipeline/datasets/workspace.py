"""Where nodes make artifacts piece by piece, and go on after they were killed."""

from collections.abc import Sequence
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.atomic import remove_leftovers
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import FOLDER_MANIFEST, Manifest
from lfdm_pipeline.datasets.parts import sealed_parts
from lfdm_pipeline.storage import to_path
from lfdm_pipeline.workspace import Workspace


class WorkspaceDataset(AbstractDataset[None, Workspace]):
    """Hands a node the folder that a kept entry is made in, with the fingerprint of what is being made.

    Args:
        filepath: the folder; the entry's own, or one beside it (checkpoints).
        serves: the kept entry whose fingerprint its pieces belong to.
        compares: inputs of which the node itself knows, piece by piece, whether they changed: pieces survive where
            only these did.
        parts: name of a mapping among the parameters that shape the entry; each of its items shapes a part that
            depends on no other item.
    """

    def __init__(
        self,
        *,
        filepath: str,
        serves: str,
        compares: Sequence[str] = (),
        parts: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self.path = to_path(filepath)
        self.serves = serves
        self.compares = tuple(compares)
        self.parts = parts
        self.metadata = metadata
        self._lineage: Lineage | None = None

    def bind(self, lineage: Lineage) -> None:
        """Tell the dataset where to ask for fingerprints."""
        self._lineage = lineage

    def identity(self) -> str:
        """Fingerprint of what would be made in it now."""
        return self._lineage.identity(self.serves, apart_from=self.compares) if self._lineage else "unbound"

    def load(self) -> Workspace:
        """The workspace; what another configuration finished in it stays finished until the node opens it."""
        if self._lineage is None:
            return Workspace(self.path, "unbound")
        expected = self._lineage.to_make(self.serves)
        seal = self.path / FOLDER_MANIFEST
        manifest = Manifest.read(seal)
        stale = seal if manifest and manifest.fingerprint != expected.fingerprint else None
        remove_leftovers(self.path)
        parts = self._lineage.parts(self.serves, self.parts) if self.parts else {}
        served = self._lineage.artifacts.get(self.serves)
        beside = isinstance(served, ArtifactDataset) and served.path != self.path
        return Workspace(self.path, self.identity(), parts, sealed_parts(self.path, expected), beside, stale)

    def save(self, data: None) -> None:
        """Never: a workspace is an input of the node that fills it."""
        raise DatasetError(f"{self.path} is a workspace: nothing is saved to it")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path), "serves": self.serves}
