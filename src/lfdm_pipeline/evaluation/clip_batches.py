"""Batches of uniformly sampled clips."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.clips.tensors import clip_tensor


class Clips(Protocol):
    """Anything that gives the frames of a clip, uint8 (T, H, W, 3), by its id: a store or a mapping."""

    def __getitem__(self, clip_id: str, /) -> NDArray[np.uint8]:
        """Return the frames of one clip."""
        ...


def uniform_indices(num_frames: int, count: int) -> NDArray[np.int64]:
    """Return `count` indices spread evenly over a clip, the first and last frame among them."""
    return sample_frames("uniform", num_frames, count, np.random.default_rng(0))


def clip_batches(
    clips: Clips, clip_ids: Sequence[str], frames: int, batch_size: int, description: str
) -> Iterator[Tensor]:
    """Yield the clips in order, under a progress bar.

    Yields:
        float32 (B, 3, K, H, W) in [0, 1], K = `frames` spread evenly over each clip.
    """
    with tqdm(total=len(clip_ids), desc=description, unit="clip") as progress:
        for start in range(0, len(clip_ids), batch_size):
            loaded = [clips[clip_id] for clip_id in clip_ids[start : start + batch_size]]
            yield torch.stack([clip_tensor(clip[uniform_indices(len(clip), frames)]) for clip in loaded])
            progress.update(len(loaded))
