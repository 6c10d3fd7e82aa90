"""Attention of each position over the frames of its clip, with rotary and relative positions."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.compiled_loops import has_compiled_loops
from lfdm_pipeline.models.temporal_attention_cpu import attend_by_position
from lfdm_pipeline.models.temporal_positions import TemporalPositions

LARGEST_BATCH = 65_535
"""Most positions that go to the fused kernel at once: they are an axis of CUDA's grid, which ends there."""


class TemporalAttention(nn.Module):
    """Pre-normalised residual attention over time, each position for itself (CVPR 2023, section 3.2)."""

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels, bias=False)

    def forward(self, x: Tensor, positions: TemporalPositions) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        attend = attend_by_position if has_compiled_loops(x) else attend_at_once
        return attend(x.flatten(2, 3), self.gain, self.qkv.weight, self.out.weight, positions, self.heads).view(x.shape)


def attend_at_once(
    x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, positions: TemporalPositions, heads: int
) -> Tensor:
    """Add attention over K to (B, K, P, C) by the device's fused kernel."""
    at_once = LARGEST_BATCH // len(x)
    if x.shape[2] > at_once:
        parts = x.split(at_once, dim=2)
        return torch.cat([attend_at_once(part, gain, qkv, out, positions, heads) for part in parts], dim=2)
    normed = F.layer_norm(x, x.shape[-1:], gain, None, 1e-5)
    projected = F.linear(normed, qkv).unflatten(-1, (3, heads, -1))
    query, key, value = projected.permute(3, 0, 2, 4, 1, 5).flatten(1, 2)
    query, key = positions.rotate(query), positions.rotate(key)
    attended = F.scaled_dot_product_attention(query, key, value, attn_mask=positions.bias.to(query.dtype))
    return x + F.linear(attended.unflatten(0, (len(x), -1)).permute(0, 3, 1, 2, 4).flatten(3), out)
