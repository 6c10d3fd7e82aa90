"""Temporal attention for a CPU: chunks that stay in the cache, recomputed for the gradient.

Queries, keys, values and logits of a video are an order of magnitude larger than the video. On a CPU moving them
costs more than computing them, so they are formed for a few positions at a time, and formed again in the backward
pass, whose formulas are written out because automatic ones would form and move more of them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd

from lfdm_pipeline.models.channel_norm import channel_norm, channel_norm_backward
from lfdm_pipeline.models.temporal_positions import TemporalPositions

# Rows of one chunk: with the usual widths its temporaries fill a core's L2 cache.
CHUNK_ROWS = 2048


def attend_in_chunks(
    x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, positions: TemporalPositions, heads: int
) -> Tensor:
    """Add attention over K to (B, K, P, C), keeping nothing but `x` for the gradient."""
    scale = (qkv.shape[0] // 3 // heads) ** -0.5
    scales = torch.cat([qkv.new_full((qkv.shape[0] // 3, 1), scale), qkv.new_ones(2 * qkv.shape[0] // 3, 1)])
    result: Tensor = _Attention.apply(x, gain, qkv * scales, out, positions.bias, positions.rotation)
    return result


class _Heads(NamedTuple):
    normed: Tensor  # (P, K, C)
    mean: Tensor
    rstd: Tensor
    split: Tensor  # queries, keys, values (3, P * heads, K, D), the first two turned
    weights: Tensor  # (P * heads, K, K)
    attended: Tensor  # (P, K, heads * D)


class _Attention(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(
        ctx: Any, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, rotation: Tensor
    ) -> Tensor:
        ctx.save_for_backward(x, gain, qkv, out, bias, rotation)
        result = torch.empty_like(x)
        for part in _chunks(x):
            rows = x[part].transpose(0, 1).contiguous()
            attended = _attend(rows, gain, qkv, bias, rotation).attended
            result[part] = torch.addmm(rows.flatten(0, 1), attended.flatten(0, 1), out.T).view_as(rows).transpose(0, 1)
        return result

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, gain, qkv, out, bias, rotation = ctx.saved_tensors
        d_x = torch.empty_like(x)
        d_gain, d_qkv, d_out, d_bias = (torch.zeros_like(t) for t in (gain, qkv, out, bias))
        for part in _chunks(x):
            rows, g = (t[part].transpose(0, 1).contiguous() for t in (x, grad))
            h = _attend(rows, gain, qkv, bias, rotation)
            query, key, value = h.split
            d_out.addmm_(g.flatten(0, 1).T, h.attended.flatten(0, 1))
            d_attended = (g.flatten(0, 1) @ out).view(*g.shape[:2], len(bias), -1).transpose(1, 2).flatten(0, 1)

            d_split = torch.empty_like(h.split)
            torch.bmm(h.weights.transpose(1, 2), d_attended, out=d_split[2])
            d_weights = d_attended @ value.transpose(1, 2)
            d_logits = torch._softmax_backward_data(d_weights, h.weights, -1, h.weights.dtype)
            d_bias += d_logits.view(-1, *bias.shape).sum(0)
            torch.bmm(d_logits, key, out=d_split[0])
            torch.bmm(d_logits.transpose(1, 2), query, out=d_split[1])
            _turn(d_split, rotation.conj())

            d_projected = d_split.view(3, len(rows), len(bias), *d_split.shape[2:]).permute(1, 3, 0, 2, 4).flatten(2)
            d_qkv.addmm_(d_projected.flatten(0, 1).T, h.normed.flatten(0, 1))
            d_rows, d_chunk_gain = channel_norm_backward(d_projected @ qkv, rows, h.mean, h.rstd, gain)
            d_gain += d_chunk_gain
            d_x[part] = d_rows.add_(g).transpose(0, 1)
        return d_x, d_gain, d_qkv, d_out, d_bias, None


def _chunks(x: Tensor) -> Iterator[tuple[int, slice, slice]]:
    clips, frames, positions, _ = x.shape
    step = max(1, CHUNK_ROWS // frames)
    for clip in range(clips):
        for start in range(0, positions, step):
            yield clip, slice(None), slice(start, start + step)


def _attend(rows: Tensor, gain: Tensor, qkv: Tensor, bias: Tensor, rotation: Tensor) -> _Heads:
    normed, mean, rstd = channel_norm(rows, gain)
    projected = F.linear(normed, qkv).unflatten(-1, (3, len(bias), -1))
    split = projected.permute(2, 0, 3, 1, 4).flatten(1, 2)
    _turn(split, rotation)
    query, key, value = split
    logits = query @ key.transpose(1, 2)
    logits.view(-1, *bias.shape).add_(bias)
    weights = logits.softmax(-1)
    attended = (weights @ value).view(len(rows), len(bias), *value.shape[1:]).transpose(1, 2).flatten(2)
    return _Heads(normed, mean, rstd, split, weights, attended)


def _turn(split: Tensor, rotation: Tensor) -> None:
    torch.view_as_complex(split[:2].unflatten(-1, (-1, 2))).mul_(rotation)
