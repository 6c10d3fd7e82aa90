"""Occlusion maps that stay in doubt, so that the decoder is heard.

Not in the paper: a short training's decoder paints worse than the warp almost everywhere, its map runs to one
everywhere, and from there no gradient reaches either of them.
"""

import torch
from torch import Tensor

_CLOSEST = 1e-6


def certainty(occlusion: Tensor) -> Tensor:
    """Return the mean squared logit of occlusion maps in [0, 1]: a scalar, 0 where all are one half."""
    return torch.logit(occlusion, eps=_CLOSEST).square().mean()
