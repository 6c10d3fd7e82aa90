"""3x3 convolutions, computed on a CPU in the way that is fastest for their shape.

oneDNN's direct convolution is near a processor's peak. With more than a few channels Winograd's needs a quarter of the
multiplications; and where a map has shrunk to a few pixels, oneDNN spends nearly all its time on reordering weights,
which a matrix product takes as they are.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.compiled_loops import has_compiled_convolutions
from lfdm_pipeline.models.winograd import TILE, winograd_convolve

_CHANNELS_WORTH_WINOGRAD = 32 * 64
_TILES_WORTH_WINOGRAD = 16
_CHANNELS_WORTH_A_PRODUCT = 256 * 512
_CHANNELS_A_PIXEL = 4


class Conv3x3(nn.Conv2d):
    """A convolution at the same resolution, with `Conv2d`'s weights: (B, C_in, H, W) -> (B, C_out, H, W)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(in_channels, out_channels, kernel_size=3, padding=1)

    def forward(self, input: Tensor) -> Tensor:
        """Convolve images."""
        if has_compiled_convolutions(input):
            if self._is_mostly_weights(input):
                return _convolve_as_product(input, self.weight, self.bias)
            if self._is_worth_winograd(input):
                return winograd_convolve(input, self.weight, self.bias)
        return super().forward(input)

    def _is_mostly_weights(self, x: Tensor) -> bool:
        return (
            self.in_channels * self.out_channels >= _CHANNELS_WORTH_A_PRODUCT
            and _CHANNELS_A_PIXEL * x[:, 0].numel() <= self.out_channels
            and self.weight.is_contiguous()
        )

    def _is_worth_winograd(self, x: Tensor) -> bool:
        return (
            self.in_channels * self.out_channels >= _CHANNELS_WORTH_WINOGRAD
            and x[:, 0].numel() >= _TILES_WORTH_WINOGRAD * TILE**2
            and x.shape[2] % TILE == 0
            and x.shape[3] % TILE == 0
        )


def _convolve_as_product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    patches = F.unfold(x, kernel_size=3, padding=1).transpose(1, 2).reshape(-1, weight[0].numel())
    rows = F.linear(patches, weight.flatten(1), bias)
    return rows.view(len(x), *x.shape[2:], -1).permute(0, 3, 1, 2)
