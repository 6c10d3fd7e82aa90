"""Frames of clips, one memory-mappable file a clip."""

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.clips.clip_files import ClipFiles
from lfdm_pipeline.errors import InputError

Frames = npt.NDArray[np.uint8]


class ClipStore(ClipFiles):
    """RGB frames uint8 (T, H, W, 3) by clip id, kept as `<clip_id>.npy` under one folder."""

    def __getitem__(self, clip_id: str) -> Frames:
        """Read-only memory map of a clip's frames, uint8 (T, H, W, 3).

        Raises:
            InputError: The store has no such clip.
        """
        return self.open(clip_id)

    def write(self, clip_id: str, frames: Frames) -> None:
        """Keep a clip's frames, uint8 (T, H, W, 3), whole or not at all.

        Raises:
            InputError: The array is not a clip of RGB frames.
        """
        if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[-1] != 3 or len(frames) == 0:
            raise InputError(f"clip {clip_id!r}: expected frames uint8 (T, H, W, 3), got {frames.dtype} {frames.shape}")
        with replacing(self.path(clip_id)) as temporary:
            np.save(temporary, np.ascontiguousarray(frames))
