"""The folder an artifact is made in, piece by piece, by runs that may be killed."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lfdm_pipeline import atomic


@dataclass(frozen=True)
class Workspace:
    """A folder and the identity (fingerprint) of what is being made in it.

    Attributes:
        folder: where it is made.
        identity: what is being made.
        parts: identities of parts of it that depend on less than the whole does, by name.
    """

    folder: Path
    identity: str
    parts: Mapping[str, str] = field(default_factory=dict)

    def part(self, name: str) -> "Workspace":
        """The workspace of one part, below this one; never claim both."""
        return Workspace(self.folder / name, self.parts[name])

    def claim(self) -> Path:
        """Return the folder, holding only pieces of this identity: those of another one are removed first."""
        marker = self.folder / ".identity"
        if not marker.exists() or marker.read_text(encoding="utf-8") != self.identity:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            atomic.write_text(marker, self.identity)
        return self.folder
