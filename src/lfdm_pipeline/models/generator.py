"""Encoder and decoder of the image, with the latent feature map warped in between."""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.grids import resize, resize_grid, warp_each
from lfdm_pipeline.models.layers import (
    DownBlock,
    ResBlock,
    SameBlock,
    UpBlock,
    channels_last,
    convolve_to_image,
    gradient_channels_last,
)


@dataclass(frozen=True)
class Decoded:
    """An image made from a source image, a flow and an occlusion map; leading dimensions are the flow's."""

    prediction: Tensor
    """(..., 3, H, W) in [0, 1]."""
    deformed: Tensor
    """The source image warped by the flow alone, (..., 3, H, W)."""


def generator_widths(width: int, max_width: int, num_down: int) -> list[int]:
    """Return the channels of the encoder's feature maps, first to last; the last is z0."""
    return [min(max_width, width * 2**i) for i in range(num_down + 1)]


class Generator(nn.Module):
    """Encodes a source image and decodes its feature map warped by a flow.

    Args:
        width: Channels after the first convolution; doubled by every halving.
        max_width: Upper bound.
        num_down: Halvings.
        num_res_blocks: Residual blocks between encoder and decoder.
        use_skips: Blend the warped activations of the encoder, and the warped source, into the decoder.
        aligned: How grids are sampled, see `grids`.
    """

    def __init__(
        self, width: int, max_width: int, num_down: int, num_res_blocks: int, use_skips: bool, aligned: bool
    ) -> None:
        super().__init__()
        widths = generator_widths(width, max_width, num_down)
        pairs = list(pairwise(widths))
        self.use_skips = use_skips
        self.aligned = aligned
        self.first = SameBlock(3, widths[0], kernel_size=7)
        self.down_blocks = nn.ModuleList(DownBlock(narrow, wide) for narrow, wide in pairs)
        self.bottleneck = nn.Sequential(*(ResBlock(widths[-1]) for _ in range(num_res_blocks)))
        self.up_blocks = nn.ModuleList(UpBlock(wide, narrow) for narrow, wide in reversed(pairs))
        self.final = nn.Conv2d(widths[0], 3, 7, padding=3)

    def encode(self, source: Tensor) -> list[Tensor]:
        """Return the activations of images (B, 3, H, W) from (B, width, H, W) to z0 (B, C, H/2^n, W/2^n)."""
        activations = [self.first(channels_last(source))]
        for block in self.down_blocks:
            activations.append(block(activations[-1]))
        return activations

    def forward(self, source: Tensor, flow: Tensor, occlusion: Tensor) -> Decoded:
        """Decode T frames of each source, whose activations are computed once.

        Args:
            source: (B, 3, H, W).
            flow: Backward flows (B, T, h, w, 2).
            occlusion: (B, T, 1, h, w).

        Returns:
            Images with leading dimensions (B, T).
        """
        *skips, bottom = self.encode(source)
        motion = _Motion(flow, occlusion, self.aligned)
        features, occluded = motion.apply(bottom)
        x = self.bottleneck(features * occluded)
        if self.use_skips:
            x = torch.lerp(x, features, occluded)
        for block in self.up_blocks:
            x = block(x)
            skip = skips.pop()
            if self.use_skips:
                x = torch.lerp(x, *motion.apply(skip))
        prediction = convolve_to_image(x, self.final).float().sigmoid()
        deformed, occluded = motion.apply(source)
        if self.use_skips:
            prediction = torch.lerp(prediction, deformed, occluded)
        return Decoded(prediction.unflatten(0, flow.shape[:2]), deformed.unflatten(0, flow.shape[:2]))


class _Motion:
    """T flows and occlusion maps a source, resized once for each resolution they are asked for."""

    def __init__(self, flow: Tensor, occlusion: Tensor, aligned: bool) -> None:
        self._flow, self._occlusion, self._aligned = flow, occlusion, aligned
        self._sized: dict[tuple[int, int], tuple[Tensor, Tensor]] = {}

    def apply(self, activation: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B*T, C, H, W), an activation (B, C, H, W) warped, and the map (B*T, 1, H, W)."""
        height, width = activation.shape[2:]
        if (height, width) not in self._sized:
            flow = resize_grid(self._flow.flatten(0, 1), height, width, self._aligned)
            occlusion = resize(self._occlusion.flatten(0, 1), height, width, self._aligned)
            self._sized[height, width] = flow.unflatten(0, self._flow.shape[:2]), occlusion
        flow, occlusion = self._sized[height, width]
        warped = warp_each(gradient_channels_last(activation), flow, self._aligned).flatten(0, 1)
        # Sampling widens half precision, since grids are always in full.
        return channels_last(warped.to(activation.dtype)), occlusion.to(activation.dtype)
