"""Convolutional blocks over clips laid out as (B, K, h, w, C): frames are folded into the batch without a copy."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.recomputation import recompute_in_chunks

GROUPS = 8


def fold(x: Tensor) -> Tensor:
    """View (B, K, h, w, C) as channels-last images (B * K, C, h, w)."""
    return x.flatten(0, 1).permute(0, 3, 1, 2)


def unfold(images: Tensor, clips: int) -> Tensor:
    """View channels-last images (B * K, C, h, w) as (B, K, h, w, C)."""
    return images.permute(0, 2, 3, 1).unflatten(0, (clips, -1))


class FrameConv(nn.Conv2d):
    """The same two-dimensional convolution of every frame: (B, K, h, w, C) to (B, K, h', w', C')."""

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


class FrameDownsample(FrameConv):
    """The same stride-2 convolution of every frame: (B, K, h, w, C) to (B, K, h/2, w/2, C)."""

    def __init__(self, channels: int) -> None:
        super().__init__(channels, channels, kernel_size=4, stride=2, padding=1)


class ConvNorm(nn.Module):
    """Convolution 3x3, group norm over each clip, modulation if given, SiLU."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = FrameConv(channels_in, channels_out, kernel_size=3, padding=1)
        self.weight = nn.Parameter(torch.ones(channels_out))
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def forward(self, x: Tensor, scale_shift: tuple[Tensor, Tensor] | None = None) -> Tensor:
        """Map (B, K, h, w, C) to (B, K, h, w, C'); scale and shift are (B, C') each."""
        x = self.conv(x)
        chunks = [(slice(clip, clip + 1),) for clip in range(x.shape[0])]
        modulation = () if scale_shift is None else scale_shift
        return recompute_in_chunks(_normalise, (x, *modulation), (self.weight, self.bias), chunks)


def _normalise(x: Tensor, *parameters: Tensor) -> Tensor:
    *modulation, weight, bias = parameters
    images = x.flatten(1, 2).permute(0, 3, 1, 2)
    if not modulation:
        normed = F.group_norm(images, GROUPS, weight, bias, 1e-5)
    elif x.shape[0] == 1:
        scale, shift = (m[0] for m in modulation)
        normed = F.group_norm(images, GROUPS, weight * (scale + 1), torch.addcmul(shift, bias, scale + 1), 1e-5)
    else:
        scale, shift = (m[:, :, None, None] for m in modulation)
        normed = torch.addcmul(shift, F.group_norm(images, GROUPS, weight, bias, 1e-5), scale + 1)
    return F.silu(normed).permute(0, 2, 3, 1).view(x.shape)


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
