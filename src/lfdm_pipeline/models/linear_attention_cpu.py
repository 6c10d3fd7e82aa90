"""Spatial linear attention for a CPU: chunks that stay in the cache, recomputed for the gradient.

Values are never formed: keys gather the normalised input, and the value and output weights act on what was gathered,
one small matrix a frame and head. By associativity the result is the same.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd

from lfdm_pipeline.models.channel_norm import channel_norm, channel_norm_backward

# Rows of one chunk: with the usual widths its temporaries fill a core's L2 cache.
CHUNK_ROWS = 4096


def attend_in_chunks(x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, heads: int) -> Tensor:
    """Add linear attention over N to (F, N, C), keeping nothing but `x` for the gradient."""
    to_query, to_key, value = qkv.chunk(3)
    by_head = (heads, -1)
    to_value = value.unflatten(0, by_head).transpose(1, 2)
    scale = to_value.shape[-1] ** -0.5
    to_out = (out * scale).unflatten(1, by_head).permute(1, 2, 0)
    result: Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
        x, gain, to_query, to_key, to_value, to_out, bias
    )
    return result


class _Frames(NamedTuple):
    normed: Tensor  # (F, N, C)
    mean: Tensor
    rstd: Tensor
    query: Tensor  # (F, N, heads, D), each D sums to 1
    key: Tensor  # (F, heads * D, N), each N sums to 1
    gathered: Tensor  # (F, heads, D, C)
    context: Tensor  # (F, heads, D, D)
    mixing: Tensor  # (F, heads * D, C)


class _Attention(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(
        ctx: Any,
        x: Tensor,
        gain: Tensor,
        to_query: Tensor,
        to_key: Tensor,
        to_value: Tensor,
        to_out: Tensor,
        bias: Tensor,
    ) -> Tensor:
        ctx.save_for_backward(x, gain, to_query, to_key, to_value, to_out)
        result = torch.empty_like(x)
        for part in _chunks(x):
            h = _attend(x[part], gain, to_query, to_key, to_value, to_out)
            torch.baddbmm(x[part], h.query.flatten(2), h.mixing, out=result[part])
        return result.add_(bias)

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, ...]:
        x, gain, to_query, to_key, to_value, to_out = ctx.saved_tensors
        grad = grad.contiguous()
        d_x = torch.empty_like(x)
        d_gain, d_to_query, d_to_key, d_to_value, d_to_out = (
            torch.zeros_like(t) for t in (gain, to_query, to_key, to_value, to_out)
        )
        for part in _chunks(x):
            g = grad[part]
            h = _attend(x[part], gain, to_query, to_key, to_value, to_out)
            d_mixing = (h.query.flatten(2).transpose(1, 2) @ g).view_as(h.gathered)
            d_to_out += torch.einsum("fhde,fhdc->hec", h.context, d_mixing)
            d_context = d_mixing @ to_out.transpose(1, 2)
            d_to_value += torch.einsum("fhdc,fhde->hce", h.gathered, d_context)
            d_gathered = (d_context @ to_value.transpose(1, 2)).flatten(1, 2)

            d_query = (g @ h.mixing.transpose(1, 2)).view_as(h.query)
            d_query = torch._softmax_backward_data(d_query, h.query, -1, x.dtype).flatten(2)
            d_key = torch._softmax_backward_data(d_gathered @ h.normed.transpose(1, 2), h.key, -1, x.dtype)
            d_to_query.addmm_(d_query.flatten(0, 1).T, h.normed.flatten(0, 1))
            d_to_key += (d_key @ h.normed).sum(0)
            d_normed = torch.baddbmm(d_query @ to_query, h.key.transpose(1, 2), d_gathered)
            d_normed.baddbmm_(d_key.transpose(1, 2), to_key.expand(len(g), -1, -1))
            d_rows, d_chunk_gain = channel_norm_backward(d_normed, x[part], h.mean, h.rstd, gain)
            d_gain += d_chunk_gain
            torch.add(d_rows, g, out=d_x[part])
        return d_x, d_gain, d_to_query, d_to_key, d_to_value, d_to_out, grad.sum((0, 1))


def _chunks(x: Tensor) -> Iterator[slice]:
    step = max(1, CHUNK_ROWS // x.shape[1])
    return (slice(start, start + step) for start in range(0, len(x), step))


def _attend(x: Tensor, gain: Tensor, to_query: Tensor, to_key: Tensor, to_value: Tensor, to_out: Tensor) -> _Frames:
    heads = len(to_value)
    normed, mean, rstd = channel_norm(x, gain)
    query = F.linear(normed, to_query).unflatten(-1, (heads, -1)).softmax(-1)
    key = (to_key.expand(len(x), -1, -1) @ normed.transpose(1, 2)).softmax(-1)
    gathered = (key @ normed).unflatten(1, (heads, -1))
    context = gathered @ to_value
    return _Frames(normed, mean, rstd, query, key, gathered, context, (context @ to_out).flatten(1, 2))
