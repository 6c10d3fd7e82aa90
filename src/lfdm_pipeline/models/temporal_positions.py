"""What temporal attention knows of the order of frames."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class TemporalPositions:
    """The positions of K frames.

    Attributes:
        bias: Added to the logits, (heads, K, K), query first.
        rotation: Complex unit numbers that turn the channel pairs of each frame, (K, head_dim / 2).
    """

    bias: Tensor
    rotation: Tensor

    def rotate(self, x: Tensor) -> Tensor:
        """Turn the interleaved channel pairs of (..., K, head_dim) by the angles of their frames."""
        pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
        return torch.view_as_real(pairs * self.rotation).flatten(-2).to(x.dtype)


class RelativePositions(nn.Module):
    """T5's relative bias (Raffel et al. 2020, section 2.1) and rotary angles (Su et al. 2021, section 3.2).

    One instance serves the attentions of all levels.
    """

    def __init__(self, heads: int, head_dim: int, buckets: int = 32, max_distance: int = 32) -> None:
        super().__init__()
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
        angles = frame[:, None] * frequencies
        rotation = torch.polar(torch.ones_like(angles), angles)
        return TemporalPositions(bias=self.embedding(bucket).permute(2, 0, 1), rotation=rotation)


def relative_bucket(offset: Tensor, buckets: int, max_distance: int) -> Tensor:
    """Bucket of each key-minus-query offset: exact for near frames, logarithmic up to `max_distance`.

    Keys after the query take the upper half of the buckets.
    """
    half = buckets // 2
    exact = half // 2
    distance = offset.abs()
    growth = (distance.clamp(min=1) / exact).log() / math.log(max_distance / exact)
    far = (exact + (growth * (half - exact)).long()).clamp(max=half - 1)
    return torch.where(distance < exact, distance, far) + half * (offset > 0)
