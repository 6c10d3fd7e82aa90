"""Attention within a frame: linear at every level, full in the middle of the network."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.compiled_loops import has_compiled_loops
from lfdm_pipeline.models.linear_attention_cpu import attend_by_block

_CHANNELS_A_POSITION = 8


class SpatialLinearAttention(nn.Module):
    """Pre-normalised residual linear attention over the positions of each frame (Shen et al. 2021)."""

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        frames = x.flatten(2, 3).flatten(0, 1)
        # Few positions: what they gather would be larger than their values.
        few = _CHANNELS_A_POSITION * frames.shape[1] < frames.shape[2]
        attend = attend_by_block if has_compiled_loops(x) and not few else attend_at_once
        return attend(frames, self.gain, self.qkv.weight, self.out.weight, self.out.bias, self.heads).view(x.shape)


def attend_at_once(x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, heads: int) -> Tensor:
    """Add linear attention over N to (F, N, C)."""
    normed = F.layer_norm(x, x.shape[-1:], gain, None, 1e-5)
    query, key, value = F.linear(normed, qkv).unflatten(-1, (3, heads, -1)).permute(2, 0, 3, 1, 4)
    context = key.softmax(-2).transpose(-1, -2) @ value
    attended = query.softmax(-1) @ context * query.shape[-1] ** -0.5
    return x + F.linear(attended.transpose(1, 2).flatten(2), out, bias)


class SpatialAttention(nn.Module):
    """Pre-normalised residual attention over the positions of each frame, which it does not tell apart."""

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        normed = F.layer_norm(x, x.shape[-1:], self.gain, None, 1e-5)
        qkv = self.qkv(normed).flatten(2, 3).flatten(0, 1).unflatten(-1, (3, self.heads, -1))
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value)
        return x + self.out(attended.transpose(1, 2).flatten(2)).view(x.shape)
