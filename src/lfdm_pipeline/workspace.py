"""The folder an artifact is made in, piece by piece, by runs that may be killed."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline import atomic


@dataclass(frozen=True)
class Workspace:
    """A folder and the identity (fingerprint) of what is being made in it."""

    folder: Path
    identity: str

    def claim(self) -> Path:
        """Return the folder, holding only pieces of this identity: those of another one are removed first."""
        marker = self.folder / ".identity"
        if not marker.exists() or marker.read_text(encoding="utf-8") != self.identity:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            atomic.write_text(marker, self.identity)
        return self.folder
