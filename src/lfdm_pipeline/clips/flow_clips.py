"""Clips of cached latent flows: what the DM learns from."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from pydantic import Field
from torch import Tensor
from torch.utils.data import Dataset

from lfdm_pipeline.clips.augmentation import ColorJitter, ColorJitterOptions
from lfdm_pipeline.clips.draws import Draws
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.sampling import SamplingMethod, sample_frames
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.tensors import frames_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options


class FlowClipsOptions(Options):
    """How clips of flows are drawn and varied."""

    num_frames: int = Field(default=40, ge=1)
    """Frames K of a drawn clip."""
    sampling: SamplingMethod = "very_random"
    """Which frames are taken: uniform, random or very_random."""
    color_jitter: ColorJitterOptions = ColorJitterOptions(brightness=64 / 255, contrast=0.25, saturation=0.25, hue=0.04)
    """Jitter of the reference frame's colour."""


class FlowClips(Dataset[dict[str, Tensor]]):
    """K sampled frames of a clip's latent flow, by draw number; item `d` is a function of (seed, d) alone.

    Items, all float32: `displacement` (2, K, h, w) and `occlusion` (1, K, h, w) against frame 0, `reference`
    (3, H, W) in [0, 1]: frame 0 with jittered colour, `condition` (D,): the vector of the clip's label.
    """

    def __init__(
        self,
        table: pd.DataFrame,
        clips: ClipStore,
        flows: FlowStore,
        conditions: Mapping[str, npt.NDArray[np.float32]],
        *,
        seed: int,
        options: FlowClipsOptions,
    ) -> None:
        """Draw from the clips of `table`, whose labels all need a vector (D,) in `conditions`."""
        unknown = sorted(set(table["label"].astype(str)) - set(conditions))
        if unknown:
            known = ", ".join(conditions)
            raise InputError(f"no condition vector for {', '.join(unknown)}; there are {known}")
        self._clip_ids = tuple(table["clip_id"])
        self._labels = tuple(table["label"])
        self._clips = clips
        self._flows = flows
        self._conditions = {
            label: torch.as_tensor(np.array(vector, np.float32)) for label, vector in conditions.items()
        }
        self._draws = Draws(len(self._clip_ids), seed)
        self._options = options
        self._jitter = ColorJitter(options.color_jitter)

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes."""
        return self._clip_ids[self._draws.item(draw)]

    def __getitem__(self, draw: int) -> dict[str, Tensor]:
        rng = self._draws.generator(draw)
        item = self._draws.item(draw)
        clip_id = self._clip_ids[item]
        frames = self._clips[clip_id]
        # The flows are relative to frame 0, which every sampling takes first.
        indices = sample_frames(self._options.sampling, len(frames), self._options.num_frames, rng)
        displacement, occlusion = self._flows.read(clip_id, indices)
        return {
            "displacement": _time_second(displacement),
            "occlusion": _time_second(occlusion),
            "reference": frames_tensor(self._jitter(frames[:1], rng))[0],
            "condition": self._conditions[self._labels[item]],
        }


def _time_second(values: npt.NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values.transpose(1, 0, 2, 3)))
