"""FVD, cFVD and sFVD by a stated protocol (Unterthiner et al., 2018; CVPR 2023, section 4.2)."""

from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from lfdm_pipeline.clips.sampling import SamplingMethod, sample_frames
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.clip_batches import Clips, clip_batches
from lfdm_pipeline.evaluation.features import ClipFeatures, Describe, stream_features
from lfdm_pipeline.evaluation.video_network import Resize
from lfdm_pipeline.options import Options


class FVDOptions(Options):
    """The protocol of FVD; the defaults are the paper's."""

    network: Path | None = None
    """I3D as a TorchScript file; null measures no FVD. Opening such a file runs the code in it: give one you trust."""
    sha256: str | None = None
    """Checksum that the file must have; null opens any and records its checksum."""
    generated_clips: int = Field(10_000, ge=2)
    """Generated clips; of more a random part is taken, of fewer all, and the score says so."""
    real_split: Literal["train", "test"] | None = "test"
    """Split that real clips are taken from; null takes all."""
    real_clips: int | None = Field(None, ge=2)
    """Real clips; null takes each clip once, more than there are come round again with other frames."""
    real_sampling: SamplingMethod = "uniform"
    """Which frames of a real clip are taken; uniform sampling has one answer a clip."""
    frames: int = Field(40, ge=1)
    """Frames of each clip."""
    resolution: int | None = Field(128, ge=1)
    """Height and width that frames are brought to by area before the network; null leaves them as they are."""
    resize: Resize = "network"
    """Who brings frames to the network's 224x224: the network itself, or `bilinear` before it."""
    batch_size: int = Field(10, ge=1)
    """Clips at once."""


def generated_features(
    describe: Describe, clips: Clips, table: pd.DataFrame, options: FVDOptions, seed: int, device: torch.device
) -> ClipFeatures:
    """Describe as many generated clips as the protocol asks for, chosen at random where there are more.

    Args:
        describe: The network.
        clips: Generated clips by name.
        table: One row a clip: `name`, `label`, `subject`.
        options: The protocol.
        seed: Of the choice.
        device: Where to compute.

    Raises:
        InputError: The clips have fewer frames than the protocol asks for.
    """
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(table))[: options.generated_clips])
    chosen = table.iloc[rows]
    names = chosen["name"].tolist()
    length = len(clips[names[0]])
    if length < options.frames:
        raise InputError(
            f"evaluation.fvd.frames={options.frames}, but generated clips have {length} frames: set it to {length}, "
            f"or generate {options.frames} frames (generation.num_frames)"
        )
    batches = clip_batches(clips, names, options.frames, options.batch_size, "FVD, generated clips")
    features = stream_features(_at_resolution(describe, options.resolution), batches, len(names), device)
    return ClipFeatures.of_table(features, chosen)


def real_features(
    describe: Describe, clips: Clips, table: pd.DataFrame, options: FVDOptions, seed: int, device: torch.device
) -> ClipFeatures:
    """Describe the real clips of the protocol.

    Args:
        describe: The network.
        clips: Frames by clip id.
        table: The clip table.
        options: The protocol.
        seed: Of which clips come first, and of which frames are taken.
        device: Where to compute.

    Raises:
        InputError: More clips are asked for than there are, under uniform sampling.
    """
    rows = table if options.real_split is None else table[table["split"] == options.real_split]
    rows = rows.sort_values("clip_id", ignore_index=True)
    count = options.real_clips or len(rows)
    if count > len(rows) and options.real_sampling == "uniform":
        raise InputError(
            f"evaluation.fvd.real_clips={count}, but there are {len(rows)} real clips, and uniform sampling would take "
            "the same frames again: lower it, or set evaluation.fvd.real_sampling=random"
        )
    order = np.random.default_rng(seed).permutation(len(rows))
    chosen = rows.iloc[np.resize(order, count)]

    def pick(position: int, num_frames: int) -> NDArray[np.int64]:
        rng = np.random.default_rng([seed, position])
        return sample_frames(options.real_sampling, num_frames, options.frames, rng)

    batches = clip_batches(
        clips, chosen["clip_id"].tolist(), options.frames, options.batch_size, "FVD, real clips", pick
    )
    features = stream_features(_at_resolution(describe, options.resolution), batches, count, device)
    return ClipFeatures.of_table(features, chosen)


def protocol_words(options: FVDOptions, generated: int, real: int, sha256: str) -> str:
    """Say in one line how an FVD was measured."""
    split = f"{options.real_split} split" if options.real_split else "all splits"
    asked = f" (of {options.generated_clips:,} asked for)" if generated < options.generated_clips else ""
    size = f"{options.resolution}x{options.resolution}" if options.resolution else "as kept"
    by = "by the network" if options.resize == "network" else "bilinearly, middle cut out"
    return (
        f"{generated:,} generated{asked} against {real:,} real clips ({split}, {options.real_sampling} sampling); "
        f"{options.frames} frames, {size}, resized to 224 {by}, batches of {options.batch_size}; "
        f"I3D TorchScript with SHA-256 {sha256}"
    )


def _at_resolution(describe: Describe, resolution: int | None) -> Describe:
    def resized(clips: Tensor) -> Tensor:
        if resolution is None or clips.shape[-2:] == (resolution, resolution):
            return describe(clips)
        batch, _, count = clips.shape[:3]
        frames = F.interpolate(clips.transpose(1, 2).flatten(0, 1), size=(resolution, resolution), mode="area")
        return describe(frames.unflatten(0, (batch, count)).transpose(1, 2))

    return resized
