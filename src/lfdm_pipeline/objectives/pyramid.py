"""Likeness of two images without a trained network: L1 and structural similarity at several scales."""

from functools import lru_cache

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.antialias import AntiAliasPyramid, banded, separable

_WINDOW = 7
_C1, _C2 = 0.01**2, 0.03**2


class PyramidLoss(nn.Module):
    """Mean absolute difference and (1 - SSIM) / 2, summed over an antialias pyramid.

    Args:
        scales: Of the pyramid, each one over an integer.
        l1_weight: Of every scale's mean absolute difference.
        ssim_weight: Of every scale's (1 - SSIM) / 2.
    """

    def __init__(self, scales: tuple[float, ...], l1_weight: float, ssim_weight: float) -> None:
        super().__init__()
        self.pyramid = AntiAliasPyramid(scales)
        self.l1_weight = l1_weight
        self.ssim_weight = ssim_weight

    def forward(self, prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Return the terms "l1" and "ssim" for images (B, 3, H, W) in [0, 1]."""
        pairs = list(zip(self.pyramid(prediction), self.pyramid(target), strict=True))
        l1 = torch.stack([(x - y).abs().mean() for x, y in pairs]).sum()
        dissimilarity = torch.stack([(1 - ssim(x, y)) / 2 for x, y in pairs]).sum()
        return {"l1": self.l1_weight * l1, "ssim": self.ssim_weight * dissimilarity}


def ssim(x: Tensor, y: Tensor) -> Tensor:
    """Return the mean structural similarity, a scalar, of images (B, C, H, W) in [0, 1].

    Windows are uniform, 7x7, and lie wholly inside the image (Wang et al. 2004, equation 13).
    """
    mean_x, mean_xx, mean_xy = _window_means(x, x * x, x * y)
    mean_y, mean_yy = _window_means(y, y * y)
    square_x, square_y, product = mean_x * mean_x, mean_y * mean_y, mean_x * mean_y
    luminance = (2 * product + _C1) / (square_x + square_y + _C1)
    structure = (2 * (mean_xy - product) + _C2) / (mean_xx - square_x + mean_yy - square_y + _C2)
    return (luminance * structure).mean()


def _window_means(*maps: Tensor) -> tuple[Tensor, ...]:
    height, width = maps[0].shape[2:]
    rows, columns = _box(height, maps[0].device), _box(width, maps[0].device)
    return separable(torch.cat(maps, dim=1), rows, columns).chunk(len(maps), dim=1)


@lru_cache(maxsize=64)
def _box(size: int, device: torch.device) -> Tensor:
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        window = min(_WINDOW, size)
        return banded(torch.full((window,), 1 / window), size, stride=1, padding=0).to(device)
