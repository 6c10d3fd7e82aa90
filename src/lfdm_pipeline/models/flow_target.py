"""What the diffusion model learns to draw: latent flow and occlusion as three channels."""

from collections.abc import Iterable
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.grids import identity_grid

TargetKind = Literal["absolute", "displacement"]

# Below this spread a channel says nothing (an LFAE without occlusion maps): it must not be blown up to unit variance.
MIN_STD = 1e-3


class FlowTarget(nn.Module):
    """Latent flow clips to and from what the diffusion model draws, (B, 3, K, h, w).

    `absolute` is the paper's: sampling grid x and y, and 2 * occlusion - 1. `displacement` takes the identity grid
    away and standardises each channel by statistics of the training flows, which are kept with the weights.

    Attributes:
        mean: Subtracted from each channel, (3,).
        std: Divides each channel, (3,).
        bound: Largest magnitude of each channel met in training, (3,); no flow that was ever seen is clipped by it.
    """

    mean: Tensor
    std: Tensor
    bound: Tensor

    def __init__(self, kind: TargetKind) -> None:
        super().__init__()
        self.kind = kind
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("std", torch.ones(3))
        self.register_buffer("bound", torch.ones(3))

    @property
    def sampling_bound(self) -> Tensor | None:
        """Static bound (3, 1, 1, 1) on x0 in sampling; None for dynamic thresholding.

        That belongs to values within [-1, 1]. Standardised values exceed 1 as a rule and would be shrunk by it.
        """
        return None if self.kind == "absolute" else _by_channel(self.bound)

    def encode(self, displacement: Tensor, occlusion: Tensor) -> Tensor:
        """Return the target (B, 3, K, h, w) of displacements (B, 2, K, h, w) and occlusions (B, 1, K, h, w)."""
        if self.kind == "absolute":
            displacement = displacement + _identity(displacement)
        channels = torch.cat([displacement, 2 * occlusion - 1], dim=1)
        return (channels - _by_channel(self.mean)) / _by_channel(self.std)

    def decode(self, x0: Tensor) -> tuple[Tensor, Tensor]:
        """Return displacement (B, 2, K, h, w) and occlusion (B, 1, K, h, w) within [0, 1] of targets."""
        channels = x0 * _by_channel(self.std) + _by_channel(self.mean)
        displacement, occlusion = channels.split([2, 1], dim=1)
        if self.kind == "absolute":
            displacement = displacement - _identity(displacement)
        return displacement, ((occlusion + 1) / 2).clamp(0, 1)

    def fit(self, flows: Iterable[tuple[npt.NDArray[np.floating], npt.NDArray[np.floating]]]) -> Self:
        """Take the statistics of training flows; one pass, clip by clip, in float64. `absolute` needs none.

        Args:
            flows: Displacement (T, 2, h, w) and occlusion (T, 1, h, w) of each clip.

        Raises:
            InputError: There is no clip.
        """
        if self.kind == "absolute":
            return self
        statistics = _Statistics()
        for displacement, occlusion in flows:
            statistics.add(np.concatenate([displacement, 2 * occlusion - 1], axis=1))
        if not statistics.count:
            raise InputError("no latent flows to take the target's statistics from: the training split is empty")
        std = np.maximum(np.sqrt(statistics.squares / statistics.count), MIN_STD)
        farthest = np.maximum(statistics.high - statistics.mean, statistics.mean - statistics.low)
        self.mean.copy_(torch.from_numpy(statistics.mean))
        self.std.copy_(torch.from_numpy(std))
        self.bound.copy_(torch.from_numpy(farthest / std))
        return self


class _Statistics:
    """Mean, squared deviations and extremes of each channel, merged clip by clip (Chan et al. 1983)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean = np.zeros(3)
        self.squares = np.zeros(3)
        self.low = np.full(3, np.inf)
        self.high = np.full(3, -np.inf)

    def add(self, channels: npt.NDArray[np.floating]) -> None:
        values = channels.astype(np.float64)
        count = values.size // 3
        mean = values.mean((0, 2, 3))
        change = mean - self.mean
        total = self.count + count
        self.squares += values.var((0, 2, 3)) * count + change**2 * self.count * count / total
        self.mean += change * count / total
        self.count = total
        self.low = np.minimum(self.low, values.min((0, 2, 3)))
        self.high = np.maximum(self.high, values.max((0, 2, 3)))


def _identity(displacement: Tensor) -> Tensor:
    grid = identity_grid(*displacement.shape[-2:], device=displacement.device, dtype=displacement.dtype)
    return grid.permute(2, 0, 1)[:, None]


def _by_channel(values: Tensor) -> Tensor:
    return values[:, None, None, None]
