"""End-point error of latent flow against exact ground truth."""

from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.synthetic.ground_truth import identity_flow, read_ground_truth
from lfdm_pipeline.errors import InputError

MOVING = 0.5  # pixels of true motion from which a pixel counts as moving


class Flows(Protocol):
    """Anything that gives the latent flows of a clip by its id: a flow store."""

    def read(self, clip_id: str, /) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return displacement (T, 2, h, w), which is flow minus identity grid, and occlusion (T, 1, h, w)."""
        ...


@dataclass(frozen=True)
class FlowError:
    """Mean distance in pixels of estimated from true flow, over visible pixels of all frames but the first.

    `epe` is the estimate's error, `zero_epe` that of no motion at all; the `moving_` ones are taken over the
    pixels that truly move by at least half a pixel (NaN where nothing does).
    """

    epe: float
    zero_epe: float
    moving_epe: float
    moving_zero_epe: float

    def scores(self) -> dict[str, float]:
        """Return the errors that exist under flat names."""
        return {f"flow.{name}": value for name, value in asdict(self).items() if isfinite(value)}


def score_flow(flows: Flows, clip_table: pd.DataFrame, corpus_root: Path, aligned: bool) -> FlowError | None:
    """Compare the latent flows of clips with their ground truth, at the truth's resolution.

    Args:
        flows: Flows of all frames of each clip against its first.
        clip_table: The clips to compare; those without `ground_truth` are passed over.
        corpus_root: What the paths in `ground_truth` are relative to.
        aligned: How the auto-encoder samples grids (`LFAEOptions.aligned`).

    Returns:
        The errors, or None where no clip has ground truth.

    Raises:
        InputError: Flow and truth of a clip disagree on the number of frames.
    """
    known = clip_table.dropna(subset=["ground_truth"])
    if known.empty:
        return None
    totals = torch.zeros(2, 3, dtype=torch.float64)
    rows = zip(known["clip_id"], known["ground_truth"], strict=True)
    for clip_id, path in tqdm(rows, total=len(known), desc="flow error", unit="clip"):
        truth = read_ground_truth(corpus_root / path)
        displacement, _ = flows.read(clip_id)
        if len(displacement) != len(truth.flow):
            raise InputError(
                f"flow error: clip {clip_id} has {len(displacement)} latent flows but {path} holds "
                f"{len(truth.flow)} frames; extract the flows again"
            )
        flow, visible = torch.from_numpy(truth.flow[1:]), torch.from_numpy(truth.visible[1:])
        totals += _sums(*end_point_errors(torch.from_numpy(displacement[1:]), flow, aligned), visible)
    (epe, zero, count), (moving_epe, moving_zero, moving) = totals
    return FlowError(
        *(float(value) for value in (epe / count, zero / count, moving_epe / moving, moving_zero / moving))
    )


def end_point_errors(displacement: Tensor, truth: Tensor, aligned: bool) -> tuple[Tensor, Tensor]:
    """Return the distance to the truth of an estimate, and of zero motion, in pixels.

    The absolute latent grid is resized bilinearly, as the decoder does, and read as the pixel that the
    decoder's warp samples there.

    Args:
        displacement: (T, 2, h, w), backward flow minus identity grid; the grid runs from -1 to 1 between the
            centres of the corner pixels.
        truth: (T, H, W, 2), absolute backward flow on such a grid.
        aligned: Whether the decoder's warp takes -1 and 1 for the centres of the corner pixels, else for
            their outer edges.

    Returns:
        Two tensors (T, H, W).
    """
    height, width = truth.shape[1:3]
    size = torch.tensor([width, height], dtype=truth.dtype)
    absolute = displacement + torch.from_numpy(identity_flow(*displacement.shape[-2:])).movedim(-1, 0)
    resized = F.interpolate(absolute, size=(height, width), mode="bilinear", align_corners=aligned)
    grid = resized.movedim(1, -1)
    sampled = (grid + 1) * (size - 1) / 2 if aligned else ((grid + 1) * size - 1) / 2
    true, still = ((grid + 1) * (size - 1) / 2 for grid in (truth, torch.from_numpy(identity_flow(height, width))))
    return (sampled - true).norm(dim=-1), (still - true).norm(dim=-1)


def _sums(error: Tensor, zero_error: Tensor, visible: Tensor) -> Tensor:
    """Sum [error, error of zero motion, 1] over visible and over visible moving pixels: (2, 3)."""
    columns = torch.stack([error, zero_error, torch.ones_like(error)]).double()
    masks = (visible, visible & (zero_error >= MOVING))
    return torch.stack([(columns * mask).sum(dim=(1, 2, 3)) for mask in masks])
