"""Pairs of frames of one clip: what the LFAE learns from."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from lfdm_pipeline.clips.augmentation import ColorJitter, ColorJitterOptions
from lfdm_pipeline.clips.draws import Draws
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.tensors import frames_tensor
from lfdm_pipeline.options import Options


class FramePairsOptions(Options):
    """How pairs of frames are drawn and varied."""

    flip_time: bool = True
    """Whether source and driving frame change places in half of the draws."""
    flip_horizontal: bool = True
    """Whether half of the pairs are mirrored left to right."""
    color_jitter: ColorJitterOptions = ColorJitterOptions(brightness=0.1, contrast=0.1, saturation=0.1, hue=0.1)
    """Jitter of colour, one draw for both frames."""


class FramePairs(Dataset[dict[str, Tensor]]):
    """Two random frames of a clip, by draw number; endless, and item `d` is a function of (seed, d) alone.

    Items: `source` and `driving`, float32 (3, H, W) in [0, 1].
    """

    def __init__(self, clips: ClipStore, clip_ids: Sequence[str], *, seed: int, options: FramePairsOptions) -> None:
        self._clips = clips
        self._clip_ids = tuple(clip_ids)
        self._draws = Draws(len(self._clip_ids), seed)
        self._options = options
        self._jitter = ColorJitter(options.color_jitter)

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes."""
        return self._clip_ids[self._draws.item(draw)]

    def __getitem__(self, draw: int) -> dict[str, Tensor]:
        rng = self._draws.generator(draw)
        frames = self._clips[self.clip_id(draw)]
        pair = frames[np.sort(rng.integers(0, len(frames), 2))]
        flip_time, flip_horizontal = rng.random(2) < 0.5
        if self._options.flip_time and flip_time:
            pair = pair[::-1]
        if self._options.flip_horizontal and flip_horizontal:
            pair = pair[:, :, ::-1]
        source, driving = frames_tensor(self._jitter(np.ascontiguousarray(pair), rng))
        return {"source": source, "driving": driving}
