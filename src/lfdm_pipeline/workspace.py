"""The folder an artifact is made in, piece by piece, by runs that may be killed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import is_remote, remove_folder

_MARKER = ".identity"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Workspace:
    """A folder and the identity (fingerprint) of what is being made in it.

    Attributes:
        folder: where it is made.
        identity: what is being made.
        parts: identities of parts of it that depend on less than the whole does, by name.
        shards: finished folders of the same identity, each with some of the pieces.
        beside: whether what is finished lies elsewhere, and the folder holds the state of a training.
        stale_seal: manifest by which the folder is a finished artifact of another configuration; None where it is none.
    """

    folder: Path
    identity: str
    parts: Mapping[str, str] = field(default_factory=dict)
    shards: tuple[Path, ...] = ()
    beside: bool = False
    stale_seal: Path | None = None

    def part(self, name: str) -> "Workspace":
        """The workspace of one part, below this one; never claim both."""
        return Workspace(self.folder / name, self.parts[name], beside=self.beside, stale_seal=self.stale_seal)

    def open(self) -> Path:
        """Return the folder, no finished artifact any more: a run killed while it replaces pieces leaves none."""
        if self.stale_seal is not None:
            self.stale_seal.unlink(missing_ok=True)
        return self.folder

    def claim(self) -> Path:
        """Return the folder, holding only pieces of this identity: those of another one are removed first.

        A training's may be worth days. They are set aside in `<folder>.previous`, in place of what was there, and come
        back from there when their own identity claims the folder; only what is remote is removed, with a warning.
        """
        self.open()
        if _identity(self.folder) != self.identity:
            if self.beside:
                _change_places(self.folder, self.identity)
            else:
                remove_folder(self.folder)
            atomic.write_text(self.folder / _MARKER, self.identity)
        return self.folder

    def join(self) -> Path:
        """Return the folder for one of several runs that fill it together, none of which may remove anything.

        Raises:
            InputError: The folder holds pieces of another identity.
        """
        marker = self.folder / _MARKER
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
        return self.open()


def _identity(folder: Path) -> str | None:
    marker = folder / _MARKER
    return marker.read_text(encoding="utf-8") if marker.exists() else None


def _change_places(folder: Path, identity: str) -> None:
    """Set aside what another identity left in a folder; take back what this one left, if that was set aside."""
    previous, leaving = (folder.with_name(f"{folder.name}.{name}") for name in ("previous", "leaving"))
    returns = _identity(previous) == identity
    if _holds_pieces(folder):
        _set_aside(folder, leaving if returns else previous)
    remove_folder(folder)
    if returns:
        previous.rename(folder)
        _log.warning("%s: what this configuration had left was in %s, and is gone on from", folder, previous)
    # Also where a run was killed before it came to this.
    if leaving.exists() and not previous.exists():
        leaving.rename(previous)


def _holds_pieces(folder: Path) -> bool:
    return _identity(folder) is not None and any(path.is_file() for path in folder.rglob("[!.]*"))


def _set_aside(folder: Path, target: Path) -> None:
    if is_remote(folder):
        # Object stores cannot rename a folder.
        _log.warning("%s: what another configuration left there is removed", folder)
        return
    _log.warning(
        "%s: what another configuration left is kept as %s.previous%s; a run with that configuration takes it back",
        folder,
        folder.name,
        ", instead of what was kept there before" if target.exists() else "",
    )
    remove_folder(target)
    folder.rename(target)
