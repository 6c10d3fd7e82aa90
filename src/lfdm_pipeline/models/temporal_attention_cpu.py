"""Temporal attention for a CPU: chunks that stay in the cache, recomputed for the gradient.

Queries, keys, values and logits of a video are an order of magnitude larger than the video. On a CPU moving them
costs more than computing them, so they are formed for a few positions at a time, and formed again in the backward
pass, whose formulas are written out because automatic ones would form and move more of them.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
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
    to_query, to_key_value = qkv.tensor_split([qkv.shape[0] // 3])
    scale = (to_query.shape[0] // heads) ** -0.5
    scaled = torch.cat([to_query * scale, to_key_value])
    result: Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
        x, gain, scaled, out, positions.bias.contiguous(), positions.rotation
    )
    return result


class _Heads(NamedTuple):
    normed: Tensor  # (P * K, C)
    mean: Tensor
    rstd: Tensor
    split: Tensor  # queries, keys, values (3, heads * P, K, D), the first two turned
    weights: Tensor  # (heads * P, K, K)
    attended: Tensor  # (P * K, heads * D)


class _Attention(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx: Any, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, rotation: Tensor) -> Tensor:
        ctx.save_for_backward(x, gain, qkv, out, bias, rotation)
        result = torch.empty_like(x)
        for part in _chunks(x):
            rows = _rows(x[part])
            attended = _attend(rows, gain, qkv, bias, rotation).attended
            _set_rows(result[part], torch.addmm(rows, attended, out.T))
        return result

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, gain, qkv, out, bias, rotation = ctx.saved_tensors
        heads = len(bias)
        d_x = torch.empty_like(x)
        d_gain, d_qkv, d_out, d_bias = (torch.zeros_like(t) for t in (gain, qkv, out, bias))
        to_attended = out.unflatten(1, (heads, -1)).transpose(0, 1).contiguous()
        for part in _chunks(x):
            rows, g = _rows(x[part]), _rows(grad[part])
            h = _attend(rows, gain, qkv, bias, rotation)
            query, key, value = h.split
            d_out.addmm_(g.T, h.attended)
            d_attended = (g.expand(heads, -1, -1) @ to_attended).view_as(value)

            d_split = torch.empty_like(h.split)
            torch.bmm(h.weights.transpose(1, 2), d_attended, out=d_split[2])
            d_weights = d_attended @ value.transpose(1, 2)
            d_logits = torch._softmax_backward_data(d_weights, h.weights, -1, h.weights.dtype)
            d_bias += d_logits.unflatten(0, (heads, -1)).sum(1)
            torch.bmm(d_logits, key, out=d_split[0])
            torch.bmm(d_logits.transpose(1, 2), query, out=d_split[1])
            _turn(d_split, rotation.conj())

            d_projected = d_split.view(3 * heads, len(rows), -1).transpose(0, 1).flatten(1)
            d_qkv.addmm_(d_projected.T, h.normed)
            d_rows, d_chunk_gain = channel_norm_backward(d_projected @ qkv, rows, h.mean, h.rstd, gain)
            d_gain += d_chunk_gain
            _set_rows(d_x[part], d_rows.add_(g))
        return d_x, d_gain, d_qkv, d_out, d_bias, None


def _chunks(x: Tensor) -> Iterator[tuple[int, slice, slice]]:
    clips, frames, positions, _ = x.shape
    step = max(1, CHUNK_ROWS // frames)
    for clip in range(clips):
        for start in range(0, positions, step):
            yield clip, slice(None), slice(start, start + step)


def _attend(rows: Tensor, gain: Tensor, qkv: Tensor, bias: Tensor, rotation: Tensor) -> _Heads:
    heads, frames, _ = bias.shape
    normed, mean, rstd = channel_norm(rows, gain)
    # One product a head puts every head's rows together, as the products below want them.
    by_head = qkv.unflatten(0, (3 * heads, -1)).transpose(1, 2)
    split = (normed.expand(3 * heads, -1, -1) @ by_head).view(3, -1, frames, by_head.shape[-1])
    _turn(split, rotation)
    query, key, value = split
    logits = query @ key.transpose(1, 2)
    logits.unflatten(0, (heads, -1)).add_(bias[:, None])
    weights = logits.softmax(-1)
    attended = (weights @ value).view(heads, len(rows), -1).transpose(0, 1).flatten(1)
    return _Heads(normed, mean, rstd, split, weights, attended)


def _turn(split: Tensor, rotation: Tensor) -> None:
    torch.view_as_complex(split[:2].unflatten(-1, (-1, 2))).mul_(rotation)


def _rows(chunk: Tensor) -> Tensor:
    """Copy (K, P, C) to (P * K, C)."""
    return chunk.transpose(0, 1).flatten(0, 1)


def _set_rows(chunk: Tensor, rows: Tensor) -> None:
    """Copy (P * K, C) to (K, P, C)."""
    chunk.transpose(0, 1).copy_(rows.view(chunk.shape[1], chunk.shape[0], -1))
