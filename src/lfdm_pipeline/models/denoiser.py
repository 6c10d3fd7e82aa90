"""The denoiser of the diffusion model: a 3D U-Net over latent flow clips, factored in space and time."""

from dataclasses import dataclass
from typing import Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.layers import channels_last, lay_out_channels_last
from lfdm_pipeline.models.norm_activation import GROUPS
from lfdm_pipeline.models.spatial_attention import SpatialAttention, SpatialLinearAttention
from lfdm_pipeline.models.temporal_attention import TemporalAttention
from lfdm_pipeline.models.temporal_positions import RelativePositions, TemporalPositions
from lfdm_pipeline.models.time_embedding import TimeEmbedding
from lfdm_pipeline.models.video_blocks import (
    FrameDownsample,
    FrameUpsample,
    ResBlock,
    fold,
    unfold,
)
from lfdm_pipeline.options import Options

FLOW_CHANNELS = 2
TARGET_CHANNELS = 3


class DenoiserOptions(Options):
    """Sizes of the denoiser; the defaults are the paper's."""

    dim: int = Field(64, ge=GROUPS, multiple_of=GROUPS)
    """Width of the first level."""
    multipliers: tuple[int, ...] = Field((1, 2, 4, 8), min_length=1)
    """Width of each level as a multiple of `dim`, finest level first; each level after the first halves the size."""
    feature_channels: int = Field(256, ge=1)
    """Channels of the reference frame's feature map z0."""
    condition_dim: int = Field(768, ge=1)
    """Length of the condition vector."""
    heads: int = Field(8, ge=1)
    """Heads of every attention."""
    head_dim: int = Field(32, ge=2, multiple_of=2)
    """Channels of each head."""

    @model_validator(mode="after")
    def _check_multipliers(self) -> Self:
        if min(self.multipliers) < 1:
            raise ValueError(f"multipliers must be at least 1, got {self.multipliers}")
        return self

    @property
    def widths(self) -> tuple[int, ...]:
        """Width of each level, finest first."""
        return tuple(self.dim * multiplier for multiplier in self.multipliers)

    @property
    def size_multiple(self) -> int:
        """What the sides of a latent flow must be multiples of."""
        return 2 ** (len(self.multipliers) - 1)

    def check_size(self, height: int, width: int) -> None:
        """Raise an InputError where maps of this size cannot be halved from level to level."""
        multiple = self.size_multiple
        if height % multiple or width % multiple:
            raise InputError(
                f"latent flows of {height}x{width} cannot be halved for the denoiser's {len(self.multipliers)} "
                f"levels: give fewer multipliers, or sizes that are multiples of {multiple}"
            )


@dataclass(frozen=True)
class PreparedFeature:
    """The part of the first convolution that reads the reference frame's features.

    It is the same for every frame and every sampling step.

    Attributes:
        response: Shape (B, 1, h, w, dim), bias included.
    """

    response: Tensor


class Level(nn.Module):
    """Two res blocks, spatial linear attention, temporal attention."""

    def __init__(self, channels_in: int, channels_out: int, embedding_dim: int, options: DenoiserOptions) -> None:
        super().__init__()
        self.first = ResBlock(channels_in, channels_out, embedding_dim)
        self.second = ResBlock(channels_out, channels_out, embedding_dim)
        self.spatial = SpatialLinearAttention(channels_out, options.heads, options.head_dim)
        self.temporal = TemporalAttention(channels_out, options.heads, options.head_dim)

    def forward(self, x: Tensor, embedding: Tensor, positions: TemporalPositions) -> Tensor:
        """Map (B, K, h, w, C) to (B, K, h, w, C')."""
        x = self.second(self.first(x, embedding), embedding)
        return self.temporal(self.spatial(x), positions)


class Middle(nn.Module):
    """Res block, full spatial attention, temporal attention, res block."""

    def __init__(self, channels: int, embedding_dim: int, options: DenoiserOptions) -> None:
        super().__init__()
        self.first = ResBlock(channels, channels, embedding_dim)
        self.spatial = SpatialAttention(channels, options.heads, options.head_dim)
        self.temporal = TemporalAttention(channels, options.heads, options.head_dim)
        self.second = ResBlock(channels, channels, embedding_dim)

    def forward(self, x: Tensor, embedding: Tensor, positions: TemporalPositions) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        x = self.temporal(self.spatial(self.first(x, embedding)), positions)
        return self.second(x, embedding)


class Head(nn.Module):
    """Res block without modulation and a 1x1 convolution."""

    def __init__(self, channels_in: int, channels: int, channels_out: int) -> None:
        super().__init__()
        self.block = ResBlock(channels_in, channels)
        self.out = nn.Linear(channels, channels_out)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, K, h, w, C) to (B, K, h, w, C')."""
        return self.out(self.block(x))


class Denoiser(nn.Module):
    """What the diffusion model learns: noise, or v, from a noisy latent flow clip (CVPR 2023, section 3.2).

    Inside, a clip is laid out as (B, K, h, w, C): convolutions see channels-last images, norms and attentions see
    rows of channels, and no layer copies to get its view.
    """

    def __init__(self, options: DenoiserOptions) -> None:
        super().__init__()
        self.options = options
        widths, heads, head_dim = options.widths, options.heads, options.head_dim
        embedding_dim = 4 * options.dim + options.condition_dim
        pairs = list(zip((options.dim, *widths[:-1]), widths, strict=True))

        self.stem = nn.Conv2d(TARGET_CHANNELS + options.feature_channels, options.dim, kernel_size=7, padding=3)
        self.stem_attention = TemporalAttention(options.dim, heads, head_dim)
        self.time = TimeEmbedding(options.dim)
        self.positions = RelativePositions(heads, head_dim)
        self.down = nn.ModuleList(Level(c_in, c_out, embedding_dim, options) for c_in, c_out in pairs)
        self.downsample = nn.ModuleList(FrameDownsample(width) for width in widths[:-1])
        self.middle = Middle(widths[-1], embedding_dim, options)
        self.up = nn.ModuleList(Level(2 * c_out, c_in, embedding_dim, options) for c_in, c_out in reversed(pairs))
        self.upsample = nn.ModuleList(FrameUpsample(c_in) for c_in, _ in reversed(pairs[1:]))
        self.flow_head = Head(2 * options.dim, options.dim, FLOW_CHANNELS)
        self.occlusion_head = Head(2 * options.dim, options.dim, TARGET_CHANNELS - FLOW_CHANNELS)
        lay_out_channels_last(self)

    def prepare(self, z0: Tensor) -> PreparedFeature:
        """Convolve the features of the reference frame, (B, C, h, w), once for all frames and sampling steps."""
        weight = self.stem.weight[:, TARGET_CHANNELS:]
        images = channels_last(z0)
        response = nn.functional.conv2d(images, weight, self.stem.bias, padding=self.stem.padding)
        return PreparedFeature(unfold(response, z0.shape[0]))

    def forward(self, x: Tensor, t: Tensor, z0: Tensor | PreparedFeature, cond: Tensor | None = None) -> Tensor:
        """Predict noise or v.

        Args:
            x: Noisy target, (B, 3, K, h, w): two flow channels and occlusion.
            t: Diffusion step of each clip, (B,).
            z0: Features of the reference frame, (B, C, h, w), or what `prepare` made of them.
            cond: Condition vectors, (B, D), a row of zeros where dropped; None drops all.

        Returns:
            Shape (B, 3, K, h, w).

        Raises:
            InputError: The size cannot be halved as often as there are levels.
        """
        self.options.check_size(*x.shape[3:])
        prepared = z0 if isinstance(z0, PreparedFeature) else self.prepare(z0)
        if cond is None:
            cond = x.new_zeros(x.shape[0], self.options.condition_dim)
        embedding = nn.functional.silu(torch.cat([self.time(t), cond], dim=1))
        positions = self.positions(x.shape[2])

        y = self._embed(x, prepared)
        stem = y
        y = self.stem_attention(y, positions)
        skips = []
        for i, level in enumerate(self.down):
            y = level(y, embedding, positions)
            skips.append(y)
            if i < len(self.downsample):
                y = self.downsample[i](y)
        y = self.middle(y, embedding, positions)
        for i, level in enumerate(self.up):
            y = level(torch.cat([y, skips.pop()], dim=-1), embedding, positions)
            if i < len(self.upsample):
                y = self.upsample[i](y)
        y = torch.cat([y, stem], dim=-1)
        out = torch.cat([self.flow_head(y), self.occlusion_head(y)], dim=-1)
        return out.permute(0, 4, 1, 2, 3)

    def _embed(self, x: Tensor, prepared: PreparedFeature) -> Tensor:
        weight = self.stem.weight[:, :TARGET_CHANNELS]
        frames = x.permute(0, 2, 3, 4, 1).contiguous()
        response = nn.functional.conv2d(fold(frames), weight, padding=self.stem.padding)
        return unfold(response, x.shape[0]) + prepared.response
