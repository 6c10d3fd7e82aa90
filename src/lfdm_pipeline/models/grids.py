"""Sampling grids: (x, y) order, normalised to [-1, 1] with the corner pixels' centres at exactly -1 and 1.

Sampling takes such grids either as they are built (`aligned`) or, as the published weights were trained, as if -1 and 1
were the outer edges of the corner pixels: then the grid of a picture that does not move enlarges it by W / (W - 1), and
by h / (h - 1) where a flow of h rows is resized first.
"""

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor


@lru_cache(maxsize=64)
def axis(size: int, device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return the coordinates (size,) of the pixels along one axis; cached, never write to it."""
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        return torch.linspace(-1, 1, size, device=device, dtype=dtype)


@lru_cache(maxsize=64)
def identity_grid(
    height: int, width: int, device: torch.device | None = None, dtype: torch.dtype = torch.float32
) -> Tensor:
    """Return the grid (height, width, 2) that samples every pixel in its place; cached, never write to it."""
    device = device or torch.device("cpu")
    with torch.inference_mode(False):
        y, x = torch.meshgrid(axis(height, device, dtype), axis(width, device, dtype), indexing="ij")
        return torch.stack([x, y], dim=-1)


def warp(image: Tensor, grid: Tensor, aligned: bool = False) -> Tensor:
    """Sample an image (B, C, H, W) at a grid (B, h, w, 2): bilinear, zero padding, result (B, C, h, w)."""
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=aligned)


def warp_each(image: Tensor, grids: Tensor, aligned: bool = False) -> Tensor:
    """Sample each image (B, C, H, W) at its own N grids (B, N, h, w, 2), result (B, N, C, h, w).

    The grids are stacked along the height, so the image is never repeated.
    """
    warped = warp(image, grids.flatten(1, 2), aligned)
    return warped.unflatten(2, grids.shape[1:3]).transpose(1, 2)


def resize_grid(grid: Tensor, height: int, width: int, aligned: bool = False) -> Tensor:
    """Resize a grid (B, h, w, 2) bilinearly to (B, height, width, 2)."""
    return resize(grid.permute(0, 3, 1, 2), height, width, aligned).permute(0, 2, 3, 1)


def resize(image: Tensor, height: int, width: int, aligned: bool = False) -> Tensor:
    """Resize an image (B, C, h, w) bilinearly to (B, C, height, width), as flows and occlusion maps are."""
    if image.shape[-2:] == (height, width):
        return image
    return F.interpolate(image, size=(height, width), mode="bilinear", align_corners=aligned)
