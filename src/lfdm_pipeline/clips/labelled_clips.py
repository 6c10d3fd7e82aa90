"""Clips with the number of their label: what a classifier learns from."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import Field
from torch.utils.data import Dataset

from lfdm_pipeline.clips.draws import Draws
from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.tensors import clip_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options


class LabelledClipsOptions(Options):
    """How labelled clips are drawn and varied."""

    num_frames: int = Field(default=40, ge=1)
    """Frames K of a drawn clip, spread evenly over it."""
    flip_horizontal: bool = False
    """Whether half of the clips are mirrored left to right; only where no label tells left from right."""


class LabelledClips(Dataset[dict[str, Any]]):
    """Labelled clips by draw number; endless, and item `d` is a function of (seed, d) alone.

    Items: `frames` float32 (3, K, H, W) in [0, 1] and `label`, an index into `labels`.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        clips: ClipStore,
        labels: Sequence[str],
        *,
        seed: int,
        options: LabelledClipsOptions,
    ) -> None:
        """Draw from the clips of `table`, whose labels must all be among `labels`."""
        unknown = sorted(set(table["label"].astype(str)) - set(labels))
        if unknown:
            raise InputError(f"unknown label {', '.join(unknown)}; there are {', '.join(labels)}")
        self._clip_ids = tuple(table["clip_id"])
        self._label_indices = tuple(list(labels).index(label) for label in table["label"])
        self._clips = clips
        self._draws = Draws(len(self._clip_ids), seed)
        self._options = options

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes."""
        return self._clip_ids[self._draws.item(draw)]

    def __getitem__(self, draw: int) -> dict[str, Any]:
        rng = self._draws.generator(draw)
        item = self._draws.item(draw)
        frames = self._clips[self._clip_ids[item]]
        frames = frames[sample_frames("uniform", len(frames), self._options.num_frames, rng)]
        if self._options.flip_horizontal and rng.random() < 0.5:
            frames = frames[:, :, ::-1]
        return {"frames": clip_tensor(frames), "label": self._label_indices[item]}
