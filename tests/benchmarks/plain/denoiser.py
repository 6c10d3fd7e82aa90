"""The denoiser written out in the obvious way: what the fast one is held against and measured beside.

Three-dimensional convolutions over (B, C, K, h, w), the reference features repeated over time and convolved with the
target, attention by einsum with every intermediate formed. Parameters carry the fast denoiser's names.
"""

import math
from typing import Any

import torch
import torch.nn.functional as F
from einops import rearrange, repeat
from torch import Tensor, nn

from lfdm_pipeline.models.denoiser import Denoiser, DenoiserOptions


class PlainConvNorm(nn.Module):
    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(channels_in, channels_out, (1, 3, 3), padding=(0, 1, 1))
        self.weight = nn.Parameter(torch.ones(channels_out))
        self.bias = nn.Parameter(torch.zeros(channels_out))

    def forward(self, x: Tensor, scale_shift: tuple[Tensor, Tensor] | None = None) -> Tensor:
        x = F.group_norm(self.conv(x), 8, self.weight, self.bias)
        if scale_shift is not None:
            scale, shift = (rearrange(part, "b c -> b c 1 1 1") for part in scale_shift)
            x = x * (scale + 1) + shift
        return F.silu(x)


class PlainResBlock(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, embedding_dim: int | None = None) -> None:
        super().__init__()
        self.modulation = nn.Linear(embedding_dim, 2 * channels_out) if embedding_dim else None
        self.first = PlainConvNorm(channels_in, channels_out)
        self.second = PlainConvNorm(channels_out, channels_out)
        same = channels_in == channels_out
        self.shortcut = nn.Identity() if same else nn.Conv3d(channels_in, channels_out, 1)

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        scale_shift = self.modulation(F.silu(embedding)).chunk(2, dim=1) if self.modulation else None
        return self.second(self.first(x, scale_shift)) + self.shortcut(x)


class PlainAttention(nn.Module):
    def __init__(self, channels: int, heads: int, head_dim: int, out_bias: bool = False) -> None:
        super().__init__()
        self.heads, self.scale = heads, head_dim**-0.5
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels, bias=out_bias)

    def split(self, x: Tensor) -> tuple[Tensor, ...]:
        """(..., n, C) to q, k, v of (..., heads, n, d)."""
        return tuple(rearrange(part, "... n (h d) -> ... h n d", h=self.heads) for part in self.qkv(x).chunk(3, dim=-1))

    def normed(self, x: Tensor) -> Tensor:
        mean, var = x.mean(1, keepdim=True), x.var(1, unbiased=False, keepdim=True)
        return (x - mean) / (var + 1e-5).sqrt() * rearrange(self.gain, "c -> c 1 1 1")


class PlainTemporalAttention(PlainAttention):
    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        height = x.shape[3]
        q, k, v = self.split(rearrange(self.normed(x), "b c k y x -> b (y x) k c"))
        q, k = rotary(q * self.scale), rotary(k)
        weights = (torch.einsum("...id,...jd->...ij", q, k) + bias).softmax(-1)
        out = self.out(rearrange(torch.einsum("...ij,...jd->...id", weights, v), "... h k d -> ... k (h d)"))
        return x + rearrange(out, "b (y x) k c -> b c k y x", y=height)


class PlainSpatialAttention(PlainAttention):
    def forward(self, x: Tensor) -> Tensor:
        height = x.shape[3]
        q, k, v = self.split(rearrange(self.normed(x), "b c k y x -> b k (y x) c"))
        weights = torch.einsum("...id,...jd->...ij", q * self.scale, k).softmax(-1)
        out = self.out(rearrange(torch.einsum("...ij,...jd->...id", weights, v), "... h n d -> ... n (h d)"))
        return x + rearrange(out, "b k (y x) c -> b c k y x", y=height)


class PlainLinearAttention(PlainAttention):
    def forward(self, x: Tensor) -> Tensor:
        height = x.shape[3]
        q, k, v = self.split(rearrange(self.normed(x), "b c k y x -> b k (y x) c"))
        context = torch.einsum("...nd,...ne->...de", k.softmax(-2), v)
        out = torch.einsum("...de,...nd->...ne", context, q.softmax(-1) * self.scale)
        return x + rearrange(self.out(rearrange(out, "... h n d -> ... n (h d)")), "b k (y x) c -> b c k y x", y=height)


class PlainLevel(nn.Module):
    def __init__(self, channels_in: int, channels_out: int, embedding_dim: int, heads: int, dim: int) -> None:
        super().__init__()
        self.first = PlainResBlock(channels_in, channels_out, embedding_dim)
        self.second = PlainResBlock(channels_out, channels_out, embedding_dim)
        self.spatial = PlainLinearAttention(channels_out, heads, dim, out_bias=True)
        self.temporal = PlainTemporalAttention(channels_out, heads, dim)

    def forward(self, x: Tensor, embedding: Tensor, bias: Tensor) -> Tensor:
        return self.temporal(self.spatial(self.second(self.first(x, embedding), embedding)), bias)


class PlainMiddle(nn.Module):
    def __init__(self, channels: int, embedding_dim: int, heads: int, dim: int) -> None:
        super().__init__()
        self.first = PlainResBlock(channels, channels, embedding_dim)
        self.spatial = PlainSpatialAttention(channels, heads, dim)
        self.temporal = PlainTemporalAttention(channels, heads, dim)
        self.second = PlainResBlock(channels, channels, embedding_dim)

    def forward(self, x: Tensor, embedding: Tensor, bias: Tensor) -> Tensor:
        return self.second(self.temporal(self.spatial(self.first(x, embedding)), bias), embedding)


class PlainHead(nn.Module):
    def __init__(self, channels_in: int, channels: int, channels_out: int) -> None:
        super().__init__()
        self.block = PlainResBlock(channels_in, channels)
        self.out = nn.Conv3d(channels, channels_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.block(x))


class PlainDenoiser(nn.Module):
    def __init__(self, options: DenoiserOptions) -> None:
        super().__init__()
        self.options = options
        dim, widths, heads, head_dim = options.dim, options.widths, options.heads, options.head_dim
        embedding_dim = 4 * dim + options.condition_dim
        pairs = list(zip((dim, *widths[:-1]), widths, strict=True))
        sizes: Any = (embedding_dim, heads, head_dim)
        resampling: Any = {"kernel_size": (1, 4, 4), "stride": (1, 2, 2), "padding": (0, 1, 1)}
        self.stem = nn.Conv3d(3 + options.feature_channels, dim, (1, 7, 7), padding=(0, 3, 3))
        self.stem_attention = PlainTemporalAttention(dim, heads, head_dim)
        self.time = nn.ModuleDict({"hidden": nn.Linear(dim, 4 * dim), "out": nn.Linear(4 * dim, 4 * dim)})
        self.positions = nn.ModuleDict({"embedding": nn.Embedding(32, heads)})
        self.down = nn.ModuleList(PlainLevel(c_in, c_out, *sizes) for c_in, c_out in pairs)
        self.downsample = nn.ModuleList(nn.Conv3d(width, width, **resampling) for width in widths[:-1])
        self.middle = PlainMiddle(widths[-1], *sizes)
        self.up = nn.ModuleList(PlainLevel(2 * c_out, c_in, *sizes) for c_in, c_out in reversed(pairs))
        self.upsample = nn.ModuleList(nn.ConvTranspose3d(c_in, c_in, **resampling) for c_in, _ in reversed(pairs[1:]))
        self.flow_head = PlainHead(2 * dim, dim, 2)
        self.occlusion_head = PlainHead(2 * dim, dim, 1)

    def forward(self, x: Tensor, t: Tensor, z0: Tensor, cond: Tensor | None = None) -> Tensor:
        if cond is None:
            cond = x.new_zeros(x.shape[0], self.options.condition_dim)
        half = self.options.dim // 2
        angles = t[:, None] * torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half, device=t.device))
        time = self.time["out"](F.gelu(self.time["hidden"](torch.cat([angles.sin(), angles.cos()], dim=1))))
        embedding = torch.cat([time, cond], dim=1)
        bias = self.relative_bias(x.shape[2])

        y = self.stem(torch.cat([x, repeat(z0, "b c y x -> b c k y x", k=x.shape[2])], dim=1))
        stem = y.clone()
        y = self.stem_attention(y, bias)
        skips = []
        for i, level in enumerate(self.down):
            y = level(y, embedding, bias)
            skips.append(y)
            y = self.downsample[i](y) if i < len(self.downsample) else y
        y = self.middle(y, embedding, bias)
        for i, level in enumerate(self.up):
            y = level(torch.cat([y, skips.pop()], dim=1), embedding, bias)
            y = self.upsample[i](y) if i < len(self.upsample) else y
        y = torch.cat([y, stem], dim=1)
        return torch.cat([self.flow_head(y), self.occlusion_head(y)], dim=1)

    def relative_bias(self, num_frames: int) -> Tensor:
        frame = torch.arange(num_frames, device=self.stem.weight.device)
        distance = frame[:, None] - frame[None, :]
        bucket = torch.where(distance < 0, 16, 0)
        distance = distance.abs()
        far = 8 + (torch.log(distance.clamp(min=1) / 8) / math.log(32 / 8) * 8).long()
        bucket = bucket + torch.where(distance < 8, distance, far.clamp(max=15))
        return rearrange(self.positions["embedding"](bucket), "i j h -> h i j")


def rotary(x: Tensor) -> Tensor:
    """Turn the interleaved channel pairs of (..., K, D) by the frame times 1e4 ** (-2 i / D)."""
    frames, channels = x.shape[-2:]
    frequencies = 10_000 ** (-torch.arange(0, channels, 2, device=x.device) / channels)
    angles = torch.arange(frames, device=x.device)[:, None] * frequencies
    angles = repeat(angles, "k i -> k (i two)", two=2)
    first, second = rearrange(x, "... (i two) -> ... i two", two=2).unbind(-1)
    turned = rearrange(torch.stack([-second, first], dim=-1), "... i two -> ... (i two)")
    return x * angles.cos() + turned * angles.sin()


def plain_copy(denoiser: Denoiser) -> PlainDenoiser:
    """The plain denoiser with the weights of a fast one."""
    plain = PlainDenoiser(denoiser.options)
    weights = denoiser.state_dict()
    plain.load_state_dict({name: weights[name].reshape(own.shape) for name, own in plain.state_dict().items()})
    return plain
