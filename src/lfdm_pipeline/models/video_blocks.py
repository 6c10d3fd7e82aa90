"""Convolutional blocks over clips laid out as (B, K, h, w, C): frames are folded into the batch without a copy."""

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.convolution import Conv3x3
from lfdm_pipeline.models.norm_activation import norm_silu


def fold(x: Tensor) -> Tensor:
    """View (B, K, h, w, C) as channels-last images (B * K, C, h, w)."""
    return x.flatten(0, 1).permute(0, 3, 1, 2)


def unfold(images: Tensor, clips: int) -> Tensor:
    """View channels-last images (B * K, C, h, w) as (B, K, h, w, C)."""
    return images.permute(0, 2, 3, 1).contiguous().unflatten(0, (clips, -1))


class FrameConv(Conv3x3):
    """The same 3x3 convolution of every frame: (B, K, h, w, C) to (B, K, h, w, C')."""

    def forward(self, input: Tensor) -> Tensor:
        """Convolve each frame."""
        return unfold(super().forward(fold(input)), input.shape[0])


class FrameUpsample(nn.ConvTranspose2d):
    """The same transposed convolution of every frame, stride 2: (B, K, h, w, C) to (B, K, 2h, 2w, C')."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, kernel_size=4, stride=2, padding=1)

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """Upsample each frame."""
        return unfold(super().forward(fold(input), output_size), input.shape[0])


class FrameDownsample(nn.Conv2d):
    """The same stride-2 convolution of every frame: (B, K, h, w, C) to (B, K, h/2, w/2, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, kernel_size=4, stride=2, padding=1)

    def forward(self, input: Tensor) -> Tensor:
        """Downsample each frame."""
        return unfold(super().forward(fold(input)), input.shape[0])


class ConvNorm(nn.Module):
    """Convolution 3x3, group norm over each clip, modulation if given, SiLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = FrameConv(channels_in, channels_out)
        self.weight = nn.Parameter(torch.ones(channels_out))
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def forward(self, x: Tensor, scale_shift: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Map (B, K, h, w, C) to (B, K, h, w, C'); scale and shift are (B, C') each."""
        weight, bias = self.weight.expand(len(x), -1), self.bias.expand(len(x), -1)
        if scale_shift is not None:
            scale, shift = scale_shift
            weight, bias = weight * (scale + 1), torch.addcmul(shift, bias, scale + 1)
        return norm_silu(self.conv(x), weight, bias)


class ResBlock(nn.Module):
    """Two `ConvNorm`s, the first modulated by the embedding, plus the input (1x1 convolution where widths differ).

    Args:
        channels_in: Width of the input.
        channels_out: Width of the output.
        embedding_dim: Width of the embedding; None for a block without modulation.
    """

    def __init__(self, channels_in: int, channels_out: int, embedding_dim: int | None = None) -> None:
        super().__init__()
        self.modulation = None if embedding_dim is None else nn.Linear(embedding_dim, 2 * channels_out)
        self.first = ConvNorm(channels_in, channels_out)
        self.second = ConvNorm(channels_out, channels_out)
        self.shortcut = nn.Linear(channels_in, channels_out) if channels_in != channels_out else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        """Map (B, K, h, w, C) and an activated embedding (B, E) to (B, K, h, w, C')."""
        scale_shift = None
        if self.modulation is not None:
            scale, shift = self.modulation(embedding).chunk(2, dim=1)
            scale_shift = (scale, shift)
        return self.second(self.first(x, scale_shift)) + self.shortcut(x)
