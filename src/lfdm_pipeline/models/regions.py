"""Soft regions of an image, and the affine frame of each (MRAA, section 3.2)."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.antialias import AntiAlias
from lfdm_pipeline.models.grids import axis
from lfdm_pipeline.models.hourglass import Hourglass

SMALLEST_VARIANCE = 1e-7
"""Floor of a region's variance along any direction, in squared grid units: keeps inverses finite."""

_ISOTROPIC = 1e-4


@dataclass(frozen=True)
class Regions:
    """K soft regions an image; leading dimensions `...` are those of the images."""

    shift: Tensor
    """Centres (..., K, 2), (x, y) in [-1, 1]."""
    covar: Tensor
    """Covariances (..., K, 2, 2)."""
    affine: Tensor
    """Frames (..., K, 2, 2) with affine @ affine^T = covar, columns by falling length."""
    heatmap: Tensor
    """Probability maps (..., K, h, w), each summing to one."""

    def unflatten(self, batch: int, count: int) -> "Regions":
        """Return the regions of batch * count images with two leading dimensions."""
        sizes = (batch, count)
        return Regions(*(x.unflatten(0, sizes) for x in (self.shift, self.covar, self.affine, self.heatmap)))


class RegionPredictor(nn.Module):
    """Predicts the regions of an image at a fraction of its resolution.

    Args:
        num_regions: K.
        width: Base width of the hourglass.
        max_width: Its maximum.
        num_blocks: Its halvings.
        pad: Padding of the 7x7 head: 3 keeps the map's size, 0 takes 6 off.
        temperature: Divides the logits.
        scale: By which the image is shrunk first.
    """

    def __init__(
        self,
        num_regions: int,
        width: int,
        max_width: int,
        num_blocks: int,
        pad: int,
        temperature: float,
        scale: float,
    ) -> None:
        super().__init__()
        self.temperature = temperature
        self.down = AntiAlias(scale)
        self.predictor = Hourglass(width, 3, num_blocks, max_width)
        self.regions = nn.Conv2d(self.predictor.out_channels, num_regions, 7, padding=pad)

    def forward(self, image: Tensor) -> Regions:
        """Return the regions of images (B, 3, H, W)."""
        logits = self.regions(self.predictor(self.down(image))).float()
        heatmap = (logits.flatten(2) / self.temperature).softmax(dim=-1).unflatten(2, logits.shape[2:])
        shift, covar = moments(heatmap)
        return Regions(shift, covar, affine_from_covariance(covar), heatmap)


def moments(heatmap: Tensor) -> tuple[Tensor, Tensor]:
    """Return the mean (..., 2) and covariance (..., 2, 2) of position under probability maps (..., h, w)."""
    height, width = heatmap.shape[-2:]
    x, y = axis(width, heatmap.device, heatmap.dtype), axis(height, heatmap.device, heatmap.dtype)
    columns, rows = heatmap.sum(-2), heatmap.sum(-1)
    mean_x = (columns * x).sum(-1, keepdim=True)
    mean_y = (rows * y).sum(-1, keepdim=True)
    dx, dy = x - mean_x, y - mean_y
    var_x = (columns * dx * dx).sum(-1)
    var_y = (rows * dy * dy).sum(-1)
    cov = ((heatmap * dx.unsqueeze(-2)).sum(-1) * dy).sum(-1)
    covar = torch.stack([var_x, cov, cov, var_y], dim=-1).unflatten(-1, (2, 2))
    return torch.cat([mean_x, mean_y], dim=-1), covar


def spread(covar: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return variances, covariance and determinant of (..., 2, 2) as four (...), kept away from singular."""
    a = covar[..., 0, 0].clamp(min=SMALLEST_VARIANCE)
    b = covar[..., 0, 1]
    d = covar[..., 1, 1].clamp(min=SMALLEST_VARIANCE)
    det = torch.maximum(a * d - b * b, SMALLEST_VARIANCE * (a + d))
    return a, b, d, det


def affine_from_covariance(covar: Tensor) -> Tensor:
    """Return U sqrt(S) of covar = U S U^T (..., 2, 2) in closed form, U = [[c, s], [s, -c]].

    The signs are those LAPACK gave the published weights, up to one overall sign a matrix. Where the
    covariance is isotropic the angle is undefined: it is taken as zero, without gradient.
    """
    a, b, d, det = spread(covar)
    mean, half = (a + d) / 2, (a - d) / 2
    isotropic = half * half + b * b < (_ISOTROPIC * mean) ** 2
    half, b = half.masked_fill(isotropic, 1.0), b.masked_fill(isotropic, 0.0)
    phi = torch.atan2(b, half) / 2
    radius = torch.hypot(half, b).masked_fill(isotropic, 0.0)
    larger = mean + radius
    long, short = larger.sqrt(), (det / larger).sqrt()
    c, s = phi.cos(), phi.sin()
    return torch.stack([c * long, s * short, s * long, -c * short], dim=-1).unflatten(-1, (2, 2))


def inverse(matrix: Tensor) -> Tensor:
    """Return the inverse of regular matrices (..., 2, 2) in closed form."""
    a, b, c, d = matrix.flatten(-2).unbind(-1)
    adjugate = torch.stack([d, -b, -c, a], dim=-1).unflatten(-1, (2, 2))
    return adjugate / (a * d - b * c)[..., None, None]


def matmul(left: Tensor, right: Tensor) -> Tensor:
    """Multiply matrices (..., 2, 2), always in their own precision: autocast would spoil coordinates."""
    return (left.unsqueeze(-1) * right.unsqueeze(-3)).sum(-2)
