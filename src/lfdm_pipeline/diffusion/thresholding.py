"""Bounds on the predicted clean target."""

import torch
from torch import Tensor

DYNAMIC_QUANTILE = 0.9


def dynamic_threshold(x0: Tensor, quantile: float = DYNAMIC_QUANTILE) -> Tensor:
    """Clamp each item of (B, ...) to a quantile of its magnitudes, at least 1, and divide by it.

    Saharia et al. 2022 (Imagen), section 2.3.
    """
    bound = x0.abs().flatten(1).float().quantile(quantile, dim=1).clamp(min=1).to(x0.dtype)
    bound = bound.reshape(-1, *[1] * (x0.ndim - 1))
    return torch.maximum(torch.minimum(x0, bound), -bound) / bound
