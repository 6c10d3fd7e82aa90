"""What every way of decoding gives."""

from collections.abc import Iterator
from dataclasses import dataclass

from lfdm_pipeline.clips.geometry import Frame


@dataclass(frozen=True)
class VideoStream:
    """A video opened for reading once, in order."""

    fps: float | None
    """Frames a second; None where the files do not say (pictures in a folder)."""
    frames: Iterator[Frame]
    """RGB frames uint8 (H, W, 3); raises InputError where the file turns out damaged."""
