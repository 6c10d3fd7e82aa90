"""The U-shaped network of the region and flow predictors (MRAA, arXiv 2104.11280)."""

from itertools import pairwise

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.layers import DownBlock, UpBlock, channels_last


def encoder_widths(base: int, in_channels: int, num_blocks: int, max_width: int) -> list[int]:
    """Return the channels before and after each down block: `in_channels`, then min(max, base * 2^(i+1))."""
    return [in_channels, *(min(max_width, base * 2 ** (i + 1)) for i in range(num_blocks))]


class HourglassEncoder(nn.Module):
    """Down blocks that double the width up to a maximum.

    Args:
        base: Half the width of the first block.
        in_channels: Channels of the input.
        num_blocks: Number of halvings.
        max_width: Upper bound of every width.
    """

    def __init__(self, base: int, in_channels: int, num_blocks: int, max_width: int) -> None:
        super().__init__()
        widths = encoder_widths(base, in_channels, num_blocks, max_width)
        self.down_blocks = nn.ModuleList(DownBlock(*pair) for pair in pairwise(widths))
        self.out_channels = widths[-1]

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the input (B, in, H, W) and all activations after it, the last (B, C, H/2^n, W/2^n)."""
        # In one layout throughout, or every concatenation with the input would reorder all that it is joined to.
        activations = [channels_last(x)]
        for block in self.down_blocks:
            activations.append(block(activations[-1]))
        return activations


class Hourglass(nn.Module):
    """Encoder, and a decoder that concatenates the encoder's activation of each resolution.

    Args: as for `HourglassEncoder`; `out_channels` is base + in_channels.
    """

    def __init__(self, base: int, in_channels: int, num_blocks: int, max_width: int) -> None:
        super().__init__()
        self.encoder = HourglassEncoder(base, in_channels, num_blocks, max_width)
        skips = encoder_widths(base, in_channels, num_blocks, max_width)[::-1]
        outputs = [min(max_width, base * 2**i) for i in reversed(range(num_blocks))]
        inputs = [skips[0], *(out + skip for out, skip in zip(outputs[:-1], skips[1:-1], strict=True))]
        self.up_blocks = nn.ModuleList(UpBlock(*pair) for pair in zip(inputs, outputs, strict=True))
        self.out_channels = base + in_channels

    def forward(self, x: Tensor) -> Tensor:
        """Return the features (B, base + in, H, W) of an input (B, in, H, W)."""
        *skips, x = self.encoder(x)
        for block in self.up_blocks:
            x = torch.cat([block(x), skips.pop()], dim=1)
        return x
