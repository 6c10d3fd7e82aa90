"""Latent flows of whole clips, computed once and kept."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from pydantic import Field
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options


class ExtractionOptions(Options):
    """How many frames pass through the LFAE at once."""

    batch_frames: int = Field(default=256, ge=1)
    """Frames a batch, over all its clips."""


def extract_latent_flows(
    lfae: LFAE,
    clips: ClipStore,
    clip_ids: Sequence[str],
    flows: FlowStore,
    options: ExtractionOptions,
    device: torch.device,
) -> None:
    """Write the flow and occlusion of all frames of every clip against its frame 0; clips already there are skipped.

    Clips of similar length share a batch, so that little is computed for padding.
    """
    lfae = lfae.to(device).eval()
    pending = [clip_id for clip_id in clip_ids if clip_id not in flows]
    with tqdm(total=len(pending), desc="latent flows", unit="clip") as bar:
        for batch in _batches(clips, pending, options.batch_frames):
            _extract(lfae, clips, batch, flows, device)
            bar.update(len(batch))


def _batches(clips: ClipStore, clip_ids: Sequence[str], batch_frames: int) -> Iterator[list[str]]:
    lengths = {clip_id: len(clips[clip_id]) for clip_id in clip_ids}
    batch: list[str] = []
    for clip_id in sorted(lengths, key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[clip_id] > batch_frames:
            yield batch
            batch = []
        batch.append(clip_id)
    if batch:
        yield batch


@torch.inference_mode()
def _extract(lfae: LFAE, clips: ClipStore, clip_ids: list[str], flows: FlowStore, device: torch.device) -> None:
    frames = [clips[clip_id] for clip_id in clip_ids]
    longest = max(map(len, frames))
    padded = np.stack([clip[np.minimum(np.arange(longest), len(clip) - 1)] for clip in frames])
    driving = _to_unit(torch.from_numpy(padded), device)
    flow, occlusion = lfae.extract(driving[:, 0], driving)
    displacement = flow - identity_grid(flow.shape[2], flow.shape[3], device=flow.device, dtype=flow.dtype)
    displacement = displacement.permute(0, 1, 4, 2, 3)
    for index, clip_id in enumerate(clip_ids):
        length = len(frames[index])
        flows.write(clip_id, displacement[index, :length].cpu().numpy(), occlusion[index, :length].cpu().numpy())


def _to_unit(frames: Tensor, device: torch.device) -> Tensor:
    """(B, T, H, W, 3) uint8 -> (B, T, 3, H, W) in [0, 1]."""
    return frames.to(device).permute(0, 1, 4, 2, 3).float().div_(255)
