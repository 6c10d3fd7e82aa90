"""Convolution blocks of the latent flow auto-encoder; batch norm throughout, eps 1e-5, momentum 0.1."""

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.compiled_loops import has_compiled_convolutions
from lfdm_pipeline.models.convolution import Conv3x3

_PIXELS_WORTH_A_KERNEL = 1024
_CHANNELS_WORTH_THEIR_TRANSFORMS = 64 * 128
_COLUMNS = 4


def channels_last(x: Tensor) -> Tensor:
    """Return x (B, C, H, W) laid out channels-last; convolutions keep to the layout of their input."""
    return x.contiguous(memory_format=torch.channels_last)


def lay_out_channels_last(module: nn.Module) -> None:
    """Lay out the convolution weights of a module channels-last, which saves reordering them in every pass."""
    for parameter in module.parameters():
        if parameter.ndim == 4:
            parameter.data = channels_last(parameter.data)


def gradient_channels_last(x: Tensor) -> Tensor:
    """Return x (B, C, H, W), whose gradient will come back channels-last.

    Sampling at a grid gives a gradient in the other layout, which would spread through the encoder's backward pass.
    """
    laid_out: Tensor = _GradientChannelsLast.apply(x)  # type: ignore[no-untyped-call]
    return laid_out


class _GradientChannelsLast(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return channels_last(gradient)


class SameBlock(nn.Module):
    """Convolution, batch norm, ReLU: (B, C_in, H, W) -> (B, C_out, H, W)."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        self.conv: nn.Conv2d = (
            Conv3x3(in_channels, out_channels)
            if kernel_size == 3
            else nn.Conv2d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
        )
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation at the same resolution."""
        return F.relu(self.norm(self.conv(x)), inplace=True)


class DownBlock(SameBlock):
    """A 3x3 same block, then average pooling: (B, C_in, H, W) -> (B, C_out, H/2, W/2)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation at half the resolution."""
        return F.avg_pool2d(super().forward(x), 2)


class UpBlock(SameBlock):
    """Nearest upsampling, then a 3x3 same block: (B, C_in, H, W) -> (B, C_out, 2H, 2W)."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation at twice the resolution."""
        return F.relu(self.norm(upsample_convolve(x, self.conv)), inplace=True)


def upsample_convolve(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """Upsample x (B, C_in, H, W) to the nearest, then convolve 3x3: (B, C_out, 2H, 2W).

    Each output pixel sees only 2x2 different inputs, so the pair is a transposed convolution with a 4x4 kernel and
    4/9 of the arithmetic. Taken on a CPU where the image is large enough to outweigh the making of the kernel, and
    channels are so few that Winograd's algorithm, with a quarter of the arithmetic, spends its time on transforms.
    """
    if x.device.type != "cpu" or x[:, 0].numel() < _PIXELS_WORTH_A_KERNEL or _goes_by_winograd(x, conv):
        return conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
    sums = _upsampling_sums(x.device)
    kernel = (sums @ conv.weight.permute(0, 2, 3, 1).flatten(1, 2)).unflatten(1, (4, 4))
    return F.conv_transpose2d(x, kernel.permute(3, 0, 1, 2), conv.bias, stride=2, padding=1)


def _goes_by_winograd(x: Tensor, conv: nn.Conv2d) -> bool:
    return (
        conv.in_channels * conv.out_channels >= _CHANNELS_WORTH_THEIR_TRANSFORMS
        and isinstance(conv, Conv3x3)
        and has_compiled_convolutions(x)
        and x.shape[2] % 2 == x.shape[3] % 2 == 0
    )


def convolve_to_image(x: Tensor, conv: nn.Conv2d) -> Tensor:
    """Convolve x (B, C, H, W) to few channels at the same resolution: (B, C_out, H, W).

    A CPU computes sixteen output channels in the time of three, so four neighbouring columns are made channels of
    one convolution with a wider kernel; channels-last, they lie in the order of the image.
    """
    if x.device.type != "cpu" or x.shape[3] % _COLUMNS:
        return conv(x)
    kernels = [F.pad(conv.weight, (i, _COLUMNS - 1 - i)) for i in range(_COLUMNS)]
    bias = None if conv.bias is None else conv.bias.repeat(_COLUMNS)
    columns = F.conv2d(x, torch.cat(kernels), bias, stride=(1, _COLUMNS), padding=conv.padding)
    return columns.permute(0, 2, 3, 1).reshape(len(x), *x.shape[2:], -1).permute(0, 3, 1, 2)


@lru_cache(maxsize=4)
def _upsampling_sums(device: torch.device) -> Tensor:
    """Return the matrix (16, 9) from a 3x3 kernel to the 4x4 one that acts before upsampling."""
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        along_axis = torch.tensor([[0.0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], device=device)
        return torch.kron(along_axis, along_axis)


class ResBlock(nn.Module):
    """Pre-activation residual block: x (B, C, H, W) plus twice (batch norm, ReLU, 3x3 convolution)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv1 = Conv3x3(channels, channels)
        self.norm2 = nn.BatchNorm2d(channels)
        self.conv2 = Conv3x3(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Return the input plus its residual."""
        y = self.conv1(F.relu(self.norm1(x), inplace=True))
        y = self.conv2(F.relu(self.norm2(y), inplace=True))
        return x + y
