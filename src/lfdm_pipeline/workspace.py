"""The folder an artifact is made in, piece by piece, by runs that may be killed."""

from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline import atomic
from lfdm_pipeline.storage import remove_folder


@dataclass(frozen=True)
class Workspace:
    """A folder and the identity (fingerprint) of what is being made in it.

    Attributes:
        folder: the folder.
        identity: what pieces in it have in common.
        parts: finished folders of the same identity, each with some of the pieces.
    """

    folder: Path
    identity: str
    parts: tuple[Path, ...] = ()

    def claim(self) -> Path:
        """Return the folder, holding only pieces of this identity: those of another one are removed first."""
        marker = self.folder / ".identity"
        if not marker.exists() or marker.read_text(encoding="utf-8") != self.identity:
            remove_folder(self.folder)
            atomic.write_text(marker, self.identity)
        return self.folder
