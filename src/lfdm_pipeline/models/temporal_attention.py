"""Attention of each position over the frames of its clip, with rotary and relative positions."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.recomputation import recompute_in_chunks

# Rows of queries in one chunk: a few temporaries of this many rows fill, and do not overflow, a core's L2 cache.
CHUNK_ROWS = 16384


@dataclass(frozen=True)
class TemporalPositions:
    """What attention needs to know of the order of K frames.

    Attributes:
        bias: Added to the logits, (heads, K, K), query first.
        rotation: Complex unit numbers that turn each pair of channels, (K, 1, heads * head_dim / 2).
    """

    bias: Tensor
    rotation: Tensor


class RelativePositions(nn.Module):
    """T5's relative bias (Raffel et al. 2020, section 2.1) and rotary angles (Su et al. 2021, section 3.2).

    One instance serves the attentions of all levels.
    """

    def __init__(self, heads: int, head_dim: int, buckets: int = 32, max_distance: int = 32) -> None:
        super().__init__()
        self.heads = heads
        self.head_dim = head_dim
        self.buckets = buckets
        self.max_distance = max_distance
        self.embedding = nn.Embedding(buckets, heads)

    def forward(self, num_frames: int) -> TemporalPositions:
        """Return the positions of `num_frames` frames."""
        device = self.embedding.weight.device
        frame = torch.arange(num_frames, device=device)
        bucket = relative_bucket(frame[None, :] - frame[:, None], self.buckets, self.max_distance)
        frequencies = 10_000.0 ** (-torch.arange(0, self.head_dim, 2, device=device) / self.head_dim)
        angles = (frame[:, None] * frequencies).tile(1, self.heads)
        rotation = torch.polar(torch.ones_like(angles), angles)[:, None]
        return TemporalPositions(bias=self.embedding(bucket).permute(2, 0, 1), rotation=rotation)


def relative_bucket(offset: Tensor, buckets: int, max_distance: int) -> Tensor:
    """Bucket of each key-minus-query offset: exact for near frames, logarithmic up to `max_distance`.

    Keys after the query take the upper half of the buckets.
    """
    half = buckets // 2
    exact = half // 2
    distance = offset.abs()
    logarithmic = (distance.clamp(min=1) / exact).log() / math.log(max_distance / exact) * (half - exact)
    far = (exact + logarithmic.long()).clamp(max=half - 1)
    return torch.where(distance < exact, distance, far) + half * (offset > 0)


class TemporalAttention(nn.Module):
    """Pre-normalised residual attention over time, each position for itself (model section 2)."""

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels, bias=False)

    def forward(self, x: Tensor, positions: TemporalPositions) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        clips, frames, height, width, channels = x.shape
        step = max(1, CHUNK_ROWS // frames)
        chunks = [
            (slice(clip, clip + 1), slice(None), slice(start, start + step))
            for clip in range(clips)
            for start in range(0, height * width, step)
        ]
        shared = (self.gain, self.qkv.weight, self.out.weight, positions.bias, positions.rotation)
        return recompute_in_chunks(self._attend, (x.flatten(2, 3),), shared, chunks).view(x.shape)

    def _attend(
        self, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, rotation: Tensor
    ) -> Tensor:
        normed = F.layer_norm(x, x.shape[-1:], gain, None, 1e-5)
        to_q, to_k, to_v = qkv.chunk(3)
        scale = (qkv.shape[0] // 3 // self.heads) ** -0.5
        query = self._by_head(rotate(F.linear(normed, to_q * scale), rotation))
        key = self._by_head(rotate(F.linear(normed, to_k), rotation))
        value = self._by_head(F.linear(normed, to_v))
        if x.device.type == "cpu":
            attended = ((query @ key.transpose(-1, -2)) + bias).softmax(-1) @ value
        else:
            attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype), scale=1.0)
        return x + F.linear(attended.permute(0, 3, 1, 2, 4).flatten(3), out)

    def _by_head(self, x: Tensor) -> Tensor:
        """(B, K, P, heads * D) -> (B, P, heads, K, D), without a copy."""
        return x.unflatten(-1, (self.heads, -1)).permute(0, 2, 3, 1, 4)


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Turn each pair of channels of (..., K, P, C) by the angle of its frame."""
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * rotation).flatten(-2).to(x.dtype)
