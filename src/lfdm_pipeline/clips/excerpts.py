"""A few frames of a few clips, to look at."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.clips.store import ClipStore


def excerpts(clips: ClipStore, clip_ids: Sequence[str], num_frames: int) -> npt.NDArray[np.uint8]:
    """Frames spread evenly over each clip, the first always the clip's first: uint8 (B, K, H, W, 3)."""
    return np.stack([_spread(clips[clip_id], num_frames) for clip_id in clip_ids])


def _spread(frames: npt.NDArray[np.uint8], num_frames: int) -> npt.NDArray[np.uint8]:
    return frames[sample_frames("uniform", len(frames), num_frames, np.random.default_rng())]
