"""Latent flows of whole clips, computed once and kept."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.extraction.folding import folded
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options
from lfdm_pipeline.shard import Shard


class ExtractionOptions(Options):
    """How many frames pass through the LFAE at once, and whose they are."""

    batch_frames: int = Field(default=256, ge=1)
    """Frames a batch, over all its clips."""
    shard: Shard | None = None
    """Part `i/n` of the clips, kept apart until a run without `shard` puts the parts together; null: all."""


@dataclass(frozen=True)
class _Batch:
    """Clips of similar length: frames uint8 (B, T, H, W, 3), of which the first `lengths[i]` of clip i count."""

    clip_ids: list[str]
    lengths: list[int]
    frames: NDArray[np.uint8]


@dataclass(frozen=True)
class _Kept:
    """Bytes of values that were written, and the largest error of a displacement by its rounding."""

    size: int = 0
    rounding: float = 0.0


def extract_latent_flows(
    lfae: LFAE,
    clips: ClipStore,
    clip_ids: Sequence[str],
    flows: FlowStore,
    options: ExtractionOptions,
    device: torch.device,
) -> None:
    """Write the flow and occlusion of all frames of every clip against its frame 0; clips already there are skipped.

    Clips of similar length share a batch, so that little is computed for padding. The next batch is read, and the one
    before written, while one is computed.
    """
    held = set(flows)
    pending = [clip_id for clip_id in clip_ids if clip_id not in held]
    if not pending:
        return
    lfae = folded(lfae).to(device)
    kept = _Kept()
    with tqdm(total=len(pending), desc="latent flows", unit="clip") as bar, ThreadPoolExecutor(1) as writer:
        writing: Future[_Kept] | None = None
        for batch in _read_ahead(clips, _batches(clips, pending, options.batch_frames)):
            displacement, occlusion = _extract(lfae, batch.frames, device)
            kept = writing.result() if writing else kept
            writing = writer.submit(_write, flows, batch, displacement, occlusion, kept)
            bar.update(len(batch.clip_ids))
        kept = writing.result() if writing else kept
    logging.getLogger(__name__).info(
        "latent flows: %d clips, %.1f kB a clip, rounded to float16 by at most %.1e of the grid's -1 to 1",
        len(pending),
        kept.size / len(pending) / 1e3,
        kept.rounding,
    )


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


def _read_ahead(clips: ClipStore, batches: Iterable[list[str]]) -> Iterator[_Batch]:
    with ThreadPoolExecutor(1) as reader:
        following: Future[_Batch] | None = None
        for clip_ids in batches:
            present, following = following, reader.submit(_read, clips, clip_ids)
            if present:
                yield present.result()
        if following:
            yield following.result()


def _read(clips: ClipStore, clip_ids: list[str]) -> _Batch:
    frames = [clips[clip_id] for clip_id in clip_ids]
    lengths = [len(clip) for clip in frames]
    padded = np.stack([clip[np.minimum(np.arange(max(lengths)), len(clip) - 1)] for clip in frames])
    return _Batch(clip_ids, lengths, padded)


@torch.inference_mode()
def _extract(lfae: LFAE, frames: NDArray[np.uint8], device: torch.device) -> tuple[NDArray[np.float32], ...]:
    """Displacement (B, T, 2, h, w) and occlusion (B, T, 1, h, w)."""
    driving = _to_unit(torch.from_numpy(frames), device)
    flow, occlusion = lfae.extract(driving[:, 0], driving)
    displacement = flow - identity_grid(flow.shape[2], flow.shape[3], device=flow.device, dtype=flow.dtype)
    return displacement.permute(0, 1, 4, 2, 3).cpu().numpy(), occlusion.cpu().numpy()


def _write(
    flows: FlowStore, batch: _Batch, displacement: NDArray[np.float32], occlusion: NDArray[np.float32], kept: _Kept
) -> _Kept:
    for index, (clip_id, length) in enumerate(zip(batch.clip_ids, batch.lengths, strict=True)):
        flows.write(clip_id, displacement[index, :length], occlusion[index, :length])
    values = sum(batch.lengths) * (displacement[0, 0].size + occlusion[0, 0].size)
    rounding = float(np.abs(displacement - displacement.astype(np.float16)).max())
    return _Kept(kept.size + values * np.dtype(np.float16).itemsize, max(kept.rounding, rounding))


def _to_unit(frames: Tensor, device: torch.device) -> Tensor:
    """(B, T, H, W, 3) uint8 -> (B, T, 3, H, W) in [0, 1]."""
    return frames.to(device).permute(0, 1, 4, 2, 3).float().div_(255)
