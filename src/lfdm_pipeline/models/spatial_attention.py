"""Attention within a frame: linear at every level, full in the middle of the network."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.recomputation import recompute_in_chunks

CHUNK_ROWS = 16384


class SpatialLinearAttention(nn.Module):
    """Pre-normalised residual linear attention over the positions of each frame (Shen et al. 2021).

    Values are never formed: keys gather the normalised input, and the value and output weights act on what was
    gathered, which is one small matrix a frame. The result is the same by associativity.
    """

    def __init__(self, channels: int, heads: int, head_dim: int) -> None:
        super().__init__()
        self.heads = heads
        self.gain = nn.Parameter(torch.ones(channels))
        self.qkv = nn.Linear(channels, 3 * heads * head_dim, bias=False)
        self.out = nn.Linear(heads * head_dim, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, K, h, w, C) to the same shape."""
        frames = x.flatten(2, 3).flatten(0, 1)
        step = max(1, CHUNK_ROWS // frames.shape[1])
        chunks = [(slice(start, start + step),) for start in range(0, frames.shape[0], step)]
        shared = (self.gain, self.qkv.weight, self.out.weight, self.out.bias)
        return recompute_in_chunks(self._attend, (frames,), shared, chunks).view(x.shape)

    def _attend(self, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor) -> Tensor:
        normed = F.layer_norm(x, x.shape[-1:], gain, None, 1e-5)
        to_q, to_k, to_v = qkv.chunk(3)
        query = F.linear(normed, to_q).unflatten(-1, (self.heads, -1)).softmax(-1)
        key = F.linear(normed, to_k).softmax(1)
        gathered = (key.transpose(1, 2) @ normed).unflatten(1, (self.heads, -1))
        context = gathered @ to_v.unflatten(0, (self.heads, -1)).transpose(1, 2)
        scale = query.shape[-1] ** -0.5
        to_output = context @ (out * scale).unflatten(1, (self.heads, -1)).permute(1, 2, 0)
        return x + torch.baddbmm(bias, query.flatten(2), to_output.flatten(1, 2))


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
