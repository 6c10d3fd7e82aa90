"""Spatial linear attention for a CPU: blocks of rows stay in a core's cache, and are computed again for the gradient.

Values are never formed: keys gather the normalised input, and the value and output weights act on what was gathered,
one small matrix a frame and head. By associativity the result is the same.
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd
from torch.autograd.function import once_differentiable

from lfdm_pipeline.models.compiled_loops import check_shapes

# Far below any logit, and finite.
_NEVER = -1e30


def attend_by_block(x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor, heads: int) -> Tensor:
    """Add linear attention over N to (F, N, C), keeping nothing but `x` for the gradient."""
    from lfdm_pipeline.kernels.vectors import LANES

    channels, dim = x.shape[2], len(qkv) // 3 // heads
    check_shapes(
        gain=(gain, (channels,)),
        qkv=(qkv, (3 * heads * dim, channels)),
        out=(out, (channels, heads * dim)),
        bias=(bias, (channels,)),
    )
    beyond, beyond_head = -channels % LANES, -dim % LANES
    gain, qkv, out = gain.float(), qkv.float(), out.float()
    # (heads, C, 3, D) and (heads, D, C)
    inward = F.pad((qkv * gain).view(3, heads, dim, -1).permute(1, 3, 0, 2), (0, beyond_head))
    outward = F.pad(out.view(channels, heads, dim).permute(1, 2, 0) * dim**-0.5, (0, beyond, 0, beyond_head))
    floor = x.new_zeros(2, dim + beyond_head, dtype=torch.float32)
    floor[0, dim:] = _NEVER
    result: Tensor = _Attention.apply(  # type: ignore[no-untyped-call]
        x, inward[:, :, :2], inward[:, :, 2], outward, F.pad(bias, (0, beyond)), floor
    )
    return result


class _Attention(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx: Any, *given: Tensor) -> Tensor:
        from lfdm_pipeline.kernels.linear_attention import attend, scratch_size

        x, inward, to_value, outward, bias, floor = (tensor.float().contiguous() for tensor in given)
        ctx.save_for_backward(x, inward, to_value, outward, floor)
        heads, channels, dim = to_value.shape
        size = scratch_size(channels, heads, dim)
        threads = min(torch.get_num_threads(), len(x))
        scratch = x.new_zeros(threads, size)
        result = torch.empty_like(x)
        attend(result, x, inward, to_value, outward, bias, floor, scratch, size, *x.shape, heads, dim, threads=threads)
        return result.to(given[0].dtype)

    @staticmethod
    @custom_bwd(device_type="cpu")
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        from lfdm_pipeline.kernels.linear_attention_gradient import attend_gradient, gradient_scratch_size

        x, inward, to_value, outward, floor = ctx.saved_tensors
        grad = grad.float().contiguous()
        heads, channels, dim = to_value.shape
        width, threads = outward.shape[2], min(torch.get_num_threads(), len(x))
        inward_back, value_back = (
            F.pad(weight.flatten(2).transpose(1, 2), (0, width - channels)).contiguous()
            for weight in (inward, to_value)
        )
        outward_back = outward[:, :, :channels].transpose(1, 2).contiguous()
        size = gradient_scratch_size(channels, heads, dim)
        d_x, scratch = torch.empty_like(x), x.new_zeros(threads, size)
        d_inward, d_value, d_outward = (
            x.new_zeros(threads, *shape) for shape in ((heads, width, 2, dim), (heads, width, dim), outward.shape)
        )
        attend_gradient(
            *(d_x, d_inward, d_value, d_outward, grad, x, inward, inward_back, to_value, value_back),
            *(outward, outward_back, floor, scratch, size, *x.shape, heads, dim),
            threads=threads,
        )
        d_bias = F.pad(grad.sum((0, 1)), (0, width - channels))
        return d_x, d_inward.sum(0)[:, :channels], d_value.sum(0)[:, :channels], d_outward.sum(0), d_bias, None
