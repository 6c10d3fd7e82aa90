"""Whether all frames of a video file came out of it."""

from pathlib import Path
from typing import Any

from lfdm_pipeline.errors import InputError

_WITH_AN_INDEX = ("avi", "mov")
_WITH_HIDDEN_FRAMES = ("vp8", "vp9", "av1")


class FrameCount:
    """Counts packets and frames of a stream of PyAV; the number that a header states may be wrong, an index is not."""

    def __init__(self, path: Path, container: Any, stream: Any) -> None:
        self._path = path
        self._hides_frames = stream.codec_context.name in _WITH_HIDDEN_FRAMES
        indexed = container.format.name.startswith(_WITH_AN_INDEX)
        self._indexed = sum(entry.size > 0 for entry in stream.index_entries) if indexed else 0
        self._stored = 0
        self._shown = 0
        self.frames = 0

    def add(self, packet: Any) -> None:
        """Count a packet.

        Raises:
            InputError: The file ends within it.
        """
        if packet.is_corrupt:
            raise InputError(f"{self._path} is damaged: it ends within frame {self._shown}")
        self._stored += packet.size > 0
        self._shown += packet.size > 0 and not packet.is_discard

    def require_all(self) -> None:
        """Check, at the end, that nothing is missing.

        Raises:
            InputError: Packets of the index are not in the file, or packets gave no frames.
        """
        if self._stored < self._indexed:
            raise InputError(f"{self._path} is damaged: {self._stored} of its {self._indexed} frames are in the file")
        if self.frames == 0:
            raise InputError(f"{self._path} is no readable video: it holds no frames")
        if self.frames > self._shown:
            raise InputError(f"{self._path} is damaged: only {self._shown} of its frames are in the file")
        # A few packets may say no more than that the frame before them stays, and two fields make a frame.
        missing = self._shown - self.frames
        halves = abs(self._shown - 2 * self.frames) <= 1 and self.frames > 1
        if missing > max(1, self._shown // 20) and not halves and not self._hides_frames:
            raise InputError(f"{self._path} is damaged: {self.frames} of its {self._shown} frames can be decoded")
