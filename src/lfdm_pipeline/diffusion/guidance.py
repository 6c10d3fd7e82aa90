"""Classifier-free guidance (Ho and Salimans 2022)."""

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor

Predict = Callable[[Tensor, Tensor], Tensor]
"""(x_t (B, ...), t (B,)) to what the denoiser predicts there (B, ...)."""


class ConditionalDenoiser(Protocol):
    """A denoiser that takes the reference frame's features and a condition vector."""

    def prepare(self, z0: Tensor) -> Any:
        """Compute what depends on the features alone."""

    def __call__(self, x: Tensor, t: Tensor, z0: Any, cond: Tensor | None) -> Tensor:
        """Predict at x (B, ...) and steps t (B,)."""


def guided(denoiser: ConditionalDenoiser, z0: Tensor, cond: Tensor, scale: float) -> Predict:
    """Return null + scale * (conditioned - null), the two computed in one batch; scale 1 computes no null.

    Args:
        denoiser: Takes a vector of zeros as "no condition".
        z0: Features of the reference frames (B, C, h, w).
        cond: Condition vectors (B, D).
        scale: Guidance scale w.
    """
    if scale == 1:
        prepared = denoiser.prepare(z0)
        return lambda x, t: denoiser(x, t, prepared, cond)

    prepared = denoiser.prepare(torch.cat([z0, z0]))
    both_conditions = torch.cat([cond, torch.zeros_like(cond)])

    def predict(x: Tensor, t: Tensor) -> Tensor:
        both = denoiser(torch.cat([x, x]), torch.cat([t, t]), prepared, both_conditions)
        conditioned, null = both.chunk(2)
        return null + scale * (conditioned - null)

    return predict
