"""What every source of clips provides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Recording:
    """A clip as it lies in a raw corpus."""

    source: str
    """File or folder relative to the corpus."""
    clip_id: str
    """Its name in every store."""
    label: str | None
    subject: str
    split: str
    """train or test."""
    ground_truth: str | None = None
    """File of the exact flow relative to the corpus."""
    first_frame: int = 0
    """Where the clip begins in the file, counted from 0."""
    last_frame: int | None = None
    """The last frame that belongs to it; None: the file's last."""
    fps: float | None = None
    """Frames a second where the files do not say (a folder of frames)."""


class Source(Protocol):
    """Knows one layout of raw files."""

    def prepare(self, root: Path) -> None:
        """Check that the raw corpus is there, or make it.

        Raises:
            InputError: It is not there; says where to get it and where to put it.
        """
        ...

    def recordings(self, root: Path) -> list[Recording]:
        """List the clips of a prepared corpus, by clip id.

        Raises:
            InputError: The files cannot be told apart or their annotations are wrong.
        """
        ...
