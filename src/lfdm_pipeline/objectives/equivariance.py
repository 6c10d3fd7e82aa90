"""Regions must follow a known random transform of the image (MRAA, section 3.5)."""

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.regions import Regions, inverse, matmul
from lfdm_pipeline.objectives.randomness import Randomness

_EPSILON = 1e-6


@dataclass(frozen=True)
class Transform:
    """An affine map of positions plus a thin-plate displacement, the same along x and y."""

    theta: Tensor
    """(B, 2, 3)."""
    tps: Tensor
    """(B, 1, n * n): a parameter for each of the n x n control points on [-1, 1]^2."""

    def __call__(self, points: Tensor) -> Tensor:
        """Return the positions of points (B, N, 2)."""
        return self._move(points, _basis(points, self._control(points)))

    def jacobian(self, points: Tensor) -> Tensor:
        """Return the derivative (B, N, 2, 2) at points (B, N, 2), in closed form."""
        offset = points.unsqueeze(-2) - self._control(points)
        radius = offset.abs().sum(-1, keepdim=True)
        slope = radius * (2 * torch.log(radius + _EPSILON) + radius / (radius + _EPSILON))
        gradient = (self.tps.unsqueeze(-1) * slope * offset.sign()).sum(-2)
        return self.theta[:, None, :, :2] + gradient.unsqueeze(-2)

    def warp(self, image: Tensor) -> Tensor:
        """Return an image (B, C, H, W) sampled at the transformed positions, reflected at its border."""
        height, width = image.shape[2:]
        points = identity_grid(height, width, image.device).view(1, -1, 2)
        basis = _pixel_basis(height, width, self._side(), image.device)
        grid = self._move(points, basis).unflatten(1, (height, width))
        return F.grid_sample(image, grid, mode="bilinear", padding_mode="reflection", align_corners=False)

    def _move(self, points: Tensor, basis: Tensor) -> Tensor:
        # Autocast would spoil coordinates.
        with torch.autocast(points.device.type, enabled=False):
            displacement = basis @ self.tps.mT
            return points @ self.theta[..., :2].mT + self.theta[..., 2].unsqueeze(1) + displacement

    def _control(self, points: Tensor) -> Tensor:
        return identity_grid(self._side(), self._side(), points.device).view(-1, 2)

    def _side(self) -> int:
        return round(self.tps.shape[-1] ** 0.5)


def random_transform(
    batch: int,
    randomness: Randomness,
    device: torch.device,
    *,
    affine_std: float = 0.05,
    thin_plate_std: float = 0.005,
    num_control_points: int = 5,
) -> Transform:
    """Draw a transform for each of `batch` images: identity plus normal noise.

    Args:
        batch: B.
        randomness: Source of the draws.
        device: Where the transform is used.
        affine_std: Standard deviation of the affine entries around the identity.
        thin_plate_std: Standard deviation of the thin-plate parameters.
        num_control_points: Of the thin-plate part along one axis.
    """
    theta = affine_std * randomness.normal(batch, 2, 3)
    tps = thin_plate_std * randomness.normal(batch, 1, num_control_points**2)
    theta[:, :, :2] += torch.eye(2)
    return Transform(theta.to(device), tps.to(device))


def shift_error(driving: Regions, transformed: Regions, transform: Transform) -> Tensor:
    """Return mean |shift - T(shift')|, a scalar; primes are the transformed frame's regions (B, K)."""
    return (driving.shift - transform(transformed.shift)).abs().mean()


def affine_error(driving: Regions, transformed: Regions, transform: Transform) -> Tensor:
    """Return mean |I - s V| with V = affine^-1 J_T(shift') affine' and s the sign of V's [0, 0] entry."""
    moved = matmul(transform.jacobian(transformed.shift), transformed.affine)
    value = matmul(inverse(driving.affine), moved)
    value = torch.where(value[..., :1, :1] < 0, -value, value)
    return (torch.eye(2, device=value.device) - value).abs().mean()


def _basis(points: Tensor, control: Tensor) -> Tensor:
    """Return r^2 log(r + 1e-6), r = |dx| + |dy| from every control point (n*n, 2): (..., N, n*n)."""
    radius = (points.unsqueeze(-2) - control).abs().sum(-1)
    return radius * radius * torch.log(radius + _EPSILON)


@lru_cache(maxsize=16)
def _pixel_basis(height: int, width: int, side: int, device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        points = identity_grid(height, width, device).view(-1, 2)
        return _basis(points, identity_grid(side, side, device).view(-1, 2))
