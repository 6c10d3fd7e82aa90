"""Exponential moving average of the weights."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel


def averaged(networks: nn.Module, decay: float) -> AveragedModel:
    """A copy of `networks` that follows their weights by a moving average.

    The decay warms up as (1 + n) / (10 + n) over the updates n, so that a short training does not average in its start.
    Buffers (batch-norm statistics) are copied, not averaged: they are averages already.
    """

    def update(averages: Sequence[Tensor], current: Sequence[Tensor], num_averaged: Tensor | int) -> None:
        n = float(num_averaged)
        torch._foreach_lerp_(list(averages), list(current), 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(networks, multi_avg_fn=torch.no_grad()(update))
