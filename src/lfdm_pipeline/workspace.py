"""The folder an artifact is made in, piece by piece, by runs that may be killed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import remove_folder


@dataclass(frozen=True)
class Workspace:
    """A folder and the identity (fingerprint) of what is being made in it.

    Attributes:
        folder: where it is made.
        identity: what is being made.
        parts: identities of parts of it that depend on less than the whole does, by name.
        shards: finished folders of the same identity, each with some of the pieces.
    """

    folder: Path
    identity: str
    parts: Mapping[str, str] = field(default_factory=dict)
    shards: tuple[Path, ...] = ()

    def part(self, name: str) -> "Workspace":
        """The workspace of one part, below this one; never claim both."""
        return Workspace(self.folder / name, self.parts[name])

    def claim(self) -> Path:
        """Return the folder, holding only pieces of this identity: those of another one are removed first."""
        marker = self.folder / ".identity"
        if not marker.exists() or marker.read_text(encoding="utf-8") != self.identity:
            remove_folder(self.folder)
            atomic.write_text(marker, self.identity)
        return self.folder

    def join(self) -> Path:
        """Return the folder for one of several runs that fill it together, none of which may remove anything.

        Raises:
            InputError: The folder holds pieces of another identity.
        """
        marker = self.folder / ".identity"
        if not marker.exists():
            # Names with a leading dot: another run is just writing the marker.
            if self.folder.exists() and any(not path.name.startswith(".") for path in self.folder.iterdir()):
                raise InputError(f"{self.folder} holds files of unknown origin: remove it, then run the shards again")
            atomic.write_text(marker, self.identity)
        elif marker.read_text(encoding="utf-8") != self.identity:
            raise InputError(
                f"{self.folder} holds pieces of another configuration: remove it, or choose another experiment=NAME, "
                "then run the shards again"
            )
        return self.folder
