"""Batches of clips, each by the same number of its frames."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.clips.tensors import clip_tensor

Indices = NDArray[np.int64]


class Clips(Protocol):
    """Anything that gives the frames of a clip, uint8 (T, H, W, 3), by its id: a store or a mapping."""

    def __getitem__(self, clip_id: str, /) -> NDArray[np.uint8]:
        """Return the frames of one clip."""
        ...


def uniform_indices(num_frames: int, count: int) -> Indices:
    """Return `count` indices spread evenly over a clip, the first and last frame among them."""
    return sample_frames("uniform", num_frames, count, np.random.default_rng(0))


def clip_batches(
    clips: Clips,
    clip_ids: Sequence[str],
    frames: int,
    batch_size: int,
    description: str,
    indices: Callable[[int, int], Indices] | None = None,
) -> Iterator[Tensor]:
    """Yield the clips in order, under a progress bar; only one batch is in memory.

    Args:
        clips: Frames by clip id.
        clip_ids: Which clips; an id may come more than once.
        frames: Frames K of each clip.
        batch_size: Clips at once.
        description: Title of the progress bar.
        indices: Frames of the clip at a position of `clip_ids` that has so many frames; by default spread evenly.

    Yields:
        float32 (B, 3, K, H, W) in [0, 1].
    """
    pick = indices or (lambda _, num_frames: uniform_indices(num_frames, frames))
    with tqdm(total=len(clip_ids), desc=description, unit="clip") as progress:
        for start in range(0, len(clip_ids), batch_size):
            numbered = enumerate(clip_ids[start : start + batch_size], start)
            loaded = [(position, clips[clip_id]) for position, clip_id in numbered]
            yield torch.stack([clip_tensor(clip[pick(position, len(clip))]) for position, clip in loaded])
            progress.update(len(loaded))
