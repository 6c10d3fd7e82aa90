"""Frames of clips, one memory-mappable file a clip."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.clips.clip_files import ClipFiles
from lfdm_pipeline.errors import InputError

Frames = npt.NDArray[np.uint8]


class ClipStore:
    """RGB frames uint8 (T, H, W, 3) by clip id, kept as `<clip_id>.npy` under one folder."""

    def __init__(self, root: Path) -> None:
        self._files = ClipFiles(root)

    @property
    def root(self) -> Path:
        """The folder that holds the clips."""
        return self._files.root

    def path(self, clip_id: str) -> Path:
        """The file of a clip, whether it exists or not."""
        return self._files.path(clip_id)

    def __getitem__(self, clip_id: str) -> Frames:
        """Read-only memory map of a clip's frames, uint8 (T, H, W, 3).

        Raises:
            InputError: The store has no such clip.
        """
        return self._files.open(clip_id)

    def write(self, clip_id: str, frames: Frames) -> None:
        """Keep a clip's frames, uint8 (T, H, W, 3), whole or not at all.

        Raises:
            InputError: The array is not a clip of RGB frames.
        """
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or len(frames) == 0:
            raise InputError(f"clip {clip_id!r}: expected frames uint8 (T, H, W, 3), got {frames.dtype} {frames.shape}")
        with replacing(self.path(clip_id)) as temporary:
            np.save(temporary, np.ascontiguousarray(frames))

    def remove(self, clip_id: str) -> None:
        """Forget a clip; no error where there is none."""
        self._files.remove(clip_id)

    def __contains__(self, clip_id: object) -> bool:
        return clip_id in self._files

    def __len__(self) -> int:
        return len(self._files)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)
