"""Regions that are parts: each in one place, no two in the same (Zhang et al., CVPR 2018, section 3.1).

Not in the paper: a long training finds parts by itself, a short one is left with regions that all cover everything that
moves.
"""

import torch
from torch import Tensor

from lfdm_pipeline.models.regions import Regions


def concentration(regions: Regions) -> Tensor:
    """Return the mean variance of position, summed over both axes, under the regions' maps: a scalar."""
    return regions.covar.diagonal(dim1=-2, dim2=-1).sum(-1).mean()


def crowding(regions: Regions, distance: float) -> Tensor:
    """Return how many others are near a region on average: a scalar from 0, all far apart, to K - 1, all in one place.

    Args:
        regions: Leading dimension (B,).
        distance: Standard deviation, in grid units, of the Gaussian that says what is near.
    """
    apart = regions.shift.unsqueeze(2) - regions.shift.unsqueeze(1)
    near = torch.exp(-apart.square().sum(-1) / (2 * distance**2))
    return near.sum(-1).mean() - 1
