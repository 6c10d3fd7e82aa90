"""Shrinking images without aliasing."""

import math
from functools import lru_cache

import torch
from torch import Tensor, nn


class AntiAlias(nn.Module):
    """Gaussian blur with zero padding, then every (1/scale)-th pixel from index 0; scale 1 is the identity.

    The Gaussian is separable, so each axis is one small matrix product: the 2D kernel's sums, taken only at
    the pixels that are kept.

    Args:
        scale: One over an integer.
    """

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.stride = round(1 / scale)

    def forward(self, image: Tensor) -> Tensor:
        """Return the image (B, C, H, W) shrunk to (B, C, H*scale, W*scale)."""
        if self.stride == 1:
            return image
        height, width = image.shape[2:]
        rows = _shrinking(height, self.stride, image.device)
        columns = rows if height == width else _shrinking(width, self.stride, image.device)
        return separable(image, rows, columns)


class AntiAliasPyramid(nn.Module):
    """An image at several scales.

    Args:
        scales: Each one over an integer.
    """

    def __init__(self, scales: tuple[float, ...]) -> None:
        super().__init__()
        self.levels = nn.ModuleList(AntiAlias(scale) for scale in scales)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return images (B, C, H*scale, W*scale), one a scale, of (B, C, H, W)."""
        image = image.contiguous()
        return [level(image) for level in self.levels]


def separable(image: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Apply linear maps (h, H) and (w, W) along the axes of an image (B, C, H, W): (B, C, h, w)."""
    with torch.autocast(image.device.type, enabled=False):
        return rows @ (image.contiguous() @ columns.mT)


def banded(kernel: Tensor, size: int, stride: int, padding: int) -> Tensor:
    """Return the matrix (out, size) of a 1D convolution with zero padding, in the kernel's type and place."""
    padded = torch.zeros((size + 2 * padding - len(kernel)) // stride + 1, size + 2 * padding)
    for i, row in enumerate(padded):
        row[i * stride : i * stride + len(kernel)] = kernel
    return padded[:, padding : padding + size].contiguous()


@lru_cache(maxsize=64)
def _shrinking(size: int, stride: int, device: torch.device) -> Tensor:
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        kernel = gaussian(stride)
        return banded(kernel, size, stride, len(kernel) // 2).to(device)


def gaussian(stride: int) -> Tensor:
    """Return the normalised 1D kernel for shrinking by `stride`, over 1: sigma (stride - 1) / 2, radius 4 sigma."""
    sigma = (stride - 1) / 2
    radius = round(4 * sigma)
    weights = [math.exp(-((x / sigma) ** 2) / 2) for x in range(-radius, radius + 1)]
    return torch.tensor([weight / sum(weights) for weight in weights])
