"""Group norm, modulation and SiLU of a clip in one step."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd
from torch.autograd.function import once_differentiable

from lfdm_pipeline.models.compiled_loops import check_shapes, has_compiled_loops

GROUPS = 8
EPS = 1e-5


def norm_silu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return SiLU(group norm of each clip * weight + bias).

    Args:
        x: Shape (B, K, h, w, C); the statistics are those of (K, h, w) and an eighth of the channels.
        weight: Shape (B, C), so that each clip may be modulated by its own.
        bias: Shape (B, C).
    """
    if has_compiled_loops(x):
        of_clips = (len(x), x.shape[-1] // GROUPS * GROUPS)
        check_shapes(weight=(weight, of_clips), bias=(bias, of_clips))
        result: Tensor = _NormSiLU.apply(x, weight, bias)  # type: ignore[no-untyped-call]
        return result
    normed = F.group_norm(x.flatten(1, 2).permute(0, 3, 1, 2), GROUPS, eps=EPS)
    return (
        F.silu(torch.addcmul(bias[:, :, None, None], normed, weight[:, :, None, None]))
        .permute(0, 2, 3, 1)
        .view(x.shape)
    )


class _NormSiLU(torch.autograd.Function):
    """Clip by clip, so that the second pass over it finds it in the cache; keeps nothing as large as `x` but `x`."""

    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx: Any, *given: Tensor) -> Tensor:
        from lfdm_pipeline.kernels.group_norm import activate, form_coefficients, sum_deviations

        x, weight, bias = (tensor.float().contiguous() for tensor in given)
        size, result = _size(x), torch.empty_like(x)
        coefficients, rstds = x.new_empty(len(x), 3, x.shape[-1]), x.new_empty(len(x), GROUPS)
        for clip, w, b, out, found, rstd in zip(x, weight, bias, result, coefficients, rstds, strict=True):
            sums = _room_for_sums(x)
            sum_deviations(sums, clip, *size)
            form_coefficients(found, rstd, sums, clip, w, b, len(sums), GROUPS, *size)
            activate(out, clip, found, *size)
        ctx.save_for_backward(x, coefficients, rstds)
        return result.to(given[0].dtype)

    @staticmethod
    @custom_bwd(device_type="cpu")
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        from lfdm_pipeline.kernels.group_norm_gradient import form_gradients, sum_gradients, undo_norm

        x, coefficients, rstds = ctx.saved_tensors
        size, grad = _size(x), grad.float().contiguous()
        d_x, changes = torch.empty_like(x), x.new_empty(4, x.shape[-1])
        d_weight, d_bias = (x.new_empty(len(x), x.shape[-1]) for _ in range(2))
        for clip, given, rstd, g, out, d_w, d_b in zip(
            x, coefficients, rstds, grad, d_x, d_weight, d_bias, strict=True
        ):
            sums = _room_for_sums(x)
            sum_gradients(sums, out, g, clip, given, *size)
            form_gradients(d_w, d_b, changes, sums, given, rstd, len(sums), GROUPS, *size)
            undo_norm(out, clip, changes, *size)
        return d_x, d_weight, d_bias


def _room_for_sums(x: Tensor) -> Tensor:
    """Make two sums of each channel for each thread."""
    from lfdm_pipeline.kernels.vectors import LANES

    channels = x.shape[-1]
    return torch.zeros(torch.get_num_threads(), 2, channels + -channels % LANES, dtype=torch.double, device=x.device)


def _size(x: Tensor) -> tuple[int, int]:
    """Return rows and channels of a clip in x (B, K, h, w, C)."""
    return x.shape[1:-1].numel(), x.shape[-1]
