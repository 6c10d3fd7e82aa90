"""Latent flows of whole clips, computed once and kept."""

import logging
from collections.abc import Iterator, Sequence
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
    """Frames a batch, over all its clips; a clip that has more of them passes in pieces."""
    shard: Shard | None = None
    """Part `i/n` of the clips, kept apart until a run without `shard` puts the parts together; null: all."""


@dataclass(frozen=True)
class _Piece:
    """Clips of similar length, or a stretch of one that is too long: what passes through the LFAE at once.

    References are uint8 (B, H, W, 3), driving frames uint8 (B, T, H, W, 3). Over all pieces of a batch the first
    `lengths[i]` frames of clip i count.
    """

    clip_ids: list[str]
    lengths: list[int]
    references: NDArray[np.uint8]
    driving: NDArray[np.uint8]
    is_last: bool


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
    before written, while one is computed. A clip's length costs no more memory than its flows.
    """
    held = set(flows)
    pending = [clip_id for clip_id in clip_ids if clip_id not in held]
    if not pending:
        return
    lfae = folded(lfae.merged()).to(device)
    kept = _Kept()
    with tqdm(total=len(pending), desc="latent flows", unit="clip") as bar, ThreadPoolExecutor(1) as writer:
        writing: Future[_Kept] | None = None
        extracted: list[tuple[NDArray[np.float32], ...]] = []
        for piece in _read_ahead(_pieces(clips, pending, options.batch_frames)):
            extracted.append(_extract(lfae, piece, device))
            if not piece.is_last:
                continue
            displacement, occlusion = (np.concatenate(parts, axis=1) for parts in zip(*extracted, strict=True))
            extracted.clear()
            kept = writing.result() if writing else kept
            writing = writer.submit(_write, flows, piece.clip_ids, piece.lengths, displacement, occlusion, kept)
            bar.update(len(piece.clip_ids))
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


def _pieces(clips: ClipStore, clip_ids: Sequence[str], batch_frames: int) -> Iterator[_Piece]:
    for batch in _batches(clips, clip_ids, batch_frames):
        opened = [clips[clip_id] for clip_id in batch]
        lengths = [len(clip) for clip in opened]
        references = np.stack([clip[0] for clip in opened])
        for start in range(0, max(lengths), batch_frames):
            end = min(start + batch_frames, max(lengths))
            driving = np.stack([clip[np.minimum(np.arange(start, end), len(clip) - 1)] for clip in opened])
            yield _Piece(batch, lengths, references, driving, is_last=end == max(lengths))


def _read_ahead(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, pieces, None)
        while piece := following.result():
            following = reader.submit(next, pieces, None)
            yield piece


@torch.inference_mode()
def _extract(lfae: LFAE, piece: _Piece, device: torch.device) -> tuple[NDArray[np.float32], ...]:
    """Displacement (B, T, 2, h, w) and occlusion (B, T, 1, h, w)."""
    flow, occlusion = lfae.extract(_to_unit(piece.references, device), _to_unit(piece.driving, device))
    displacement = flow - identity_grid(flow.shape[2], flow.shape[3], device=flow.device, dtype=flow.dtype)
    return displacement.permute(0, 1, 4, 2, 3).cpu().numpy(), occlusion.cpu().numpy()


def _write(
    flows: FlowStore,
    clip_ids: Sequence[str],
    lengths: Sequence[int],
    displacement: NDArray[np.float32],
    occlusion: NDArray[np.float32],
    kept: _Kept,
) -> _Kept:
    for index, (clip_id, length) in enumerate(zip(clip_ids, lengths, strict=True)):
        flows.write(clip_id, displacement[index, :length], occlusion[index, :length])
    values = sum(lengths) * (displacement[0, 0].size + occlusion[0, 0].size)
    rounding = float(np.abs(displacement - displacement.astype(np.float16)).max())
    return _Kept(kept.size + values * np.dtype(np.float16).itemsize, max(kept.rounding, rounding))


def _to_unit(frames: NDArray[np.uint8], device: torch.device) -> Tensor:
    """(..., H, W, 3) uint8 -> (..., 3, H, W) in [0, 1]."""
    return torch.from_numpy(frames).to(device).movedim(-1, -3).float().div_(255)
