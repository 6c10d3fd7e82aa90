"""Temporal attention for a CPU: each position stays in a core's cache, and is computed again for the gradient.

Queries, keys, values and logits of a video are an order of magnitude larger than the video. On a CPU moving them
costs more than computing them, so compiled loops form them for one position and head at a time, in the backward pass
once more, and nothing but the video is kept.
"""

from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd
from torch.autograd.function import once_differentiable

from lfdm_pipeline.models.compiled_loops import check_shapes
from lfdm_pipeline.models.temporal_positions import TemporalPositions

# Far below any logit, and finite, so that a row of nothing else still has a largest one.
_NEVER = -1e30


def attend_by_position(
    x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, positions: TemporalPositions, heads: int
) -> Tensor:
    """Add attention over K to (B, K, P, C), keeping nothing but `x` for the gradient."""
    from lfdm_pipeline.kernels.products import ROWS
    from lfdm_pipeline.kernels.vectors import LANES

    def padding(size: int, multiple: int = LANES) -> int:
        return -size % multiple

    frames, channels, dim = x.shape[1], x.shape[3], len(qkv) // 3 // heads
    check_shapes(
        gain=(gain, (channels,)),
        qkv=(qkv, (3 * heads * dim, channels)),
        out=(out, (channels, heads * dim)),
        bias=(positions.bias, (heads, frames, frames)),
        rotation=(positions.rotation, (frames, dim // 2)),
    )
    gain, qkv, out = gain.float(), qkv.float(), out.float()
    scaled = torch.cat([qkv[: heads * dim] * dim**-0.5, qkv[heads * dim :]]) * gain
    # (heads, C, 3, D) and (heads, D, C)
    inward = F.pad(scaled.view(3, heads, dim, -1).permute(1, 3, 0, 2), (0, padding(dim)))
    outward = F.pad(out.view(channels, heads, dim).permute(1, 2, 0), (0, padding(channels), 0, padding(dim)))
    bias = F.pad(positions.bias, (0, padding(frames), 0, padding(frames, ROWS)), value=_NEVER)
    angles = F.pad(positions.rotation.repeat_interleave(2, dim=1), (0, padding(dim)))
    result: Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
        x, inward, outward, bias, angles.real, angles.imag * _signs(inward.shape[-1])
    )
    return result


class _Attention(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx: Any, *given: Tensor) -> Tensor:
        from lfdm_pipeline.kernels.temporal_attention import attend, scratch_size

        x, inward, outward, bias, cos, sin = (tensor.float().contiguous() for tensor in given)
        ctx.save_for_backward(x, inward, outward, bias, cos, sin)
        heads, _, _, dim = inward.shape
        size = scratch_size(x.shape[1], x.shape[3], heads, dim)
        threads = min(torch.get_num_threads(), len(x) * x.shape[2])
        scratch = x.new_zeros(threads, size)
        result = torch.empty_like(x)
        attend(result, x, inward, outward, bias, cos, sin, scratch, size, *x.shape, heads, dim, threads=threads)
        return result.to(given[0].dtype)

    @staticmethod
    @custom_bwd(device_type="cpu")
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        from lfdm_pipeline.kernels.temporal_attention_gradient import attend_gradient, gradient_scratch_size

        x, inward, outward, bias, cos, sin = ctx.saved_tensors
        heads, channels, _, dim = inward.shape
        width, threads = outward.shape[2], min(torch.get_num_threads(), len(x) * x.shape[2])
        inward_back = F.pad(inward.flatten(2).transpose(1, 2), (0, width - channels)).contiguous()
        outward_back = outward[:, :, :channels].permute(2, 0, 1).contiguous()
        size = gradient_scratch_size(x.shape[1], channels, heads, dim)
        d_x, scratch = torch.empty_like(x), x.new_zeros(threads, size)
        d_inward, d_outward, d_bias = (
            x.new_zeros(threads, *shape) for shape in ((heads, width, 3, dim), outward.shape, bias.shape)
        )
        attend_gradient(
            *(d_x, d_inward, d_outward, d_bias, grad.float().contiguous(), x),
            *(inward, inward_back, outward_back, bias, cos, sin, scratch, size, *x.shape, heads, dim),
            threads=threads,
        )
        return d_x, d_inward.sum(0)[:, :channels], d_outward.sum(0), d_bias.sum(0), None, None


@lru_cache
def _signs(length: int) -> Tensor:
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        return torch.tensor([-1.0, 1.0], dtype=torch.float32, device="cpu").repeat(length // 2)
