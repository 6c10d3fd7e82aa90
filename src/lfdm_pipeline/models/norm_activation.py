"""Group norm, modulation and SiLU of a clip in one step."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd

GROUPS = 8
EPS = 1e-5


def norm_silu(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return SiLU(group norm of each clip * weight + bias).

    Args:
        x: Shape (B, K, h, w, C); the statistics are those of (K, h, w) and an eighth of the channels.
        weight: Shape (B, C), so that each clip may be modulated by its own.
        bias: Shape (B, C).
    """
    if x.device.type == "cpu":
        result: Tensor = _NormSiLU.apply(x, weight, bias)  # type: ignore[no-untyped-call]
        return result
    normed = F.group_norm(_as_image(x), GROUPS, eps=EPS)
    return (
        F.silu(torch.addcmul(bias[:, :, None, None], normed, weight[:, :, None, None]))
        .permute(0, 2, 3, 1)
        .view(x.shape)
    )


class _NormSiLU(torch.autograd.Function):
    """Clip by clip, so that what one kernel wrote the next finds in the cache; keeps nothing but `x`."""

    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        result = torch.empty_like(x)
        means, rstds = [], []
        for clip, out, w, b in zip(x, result, weight, bias, strict=True):
            normed, mean, rstd = _norm(clip, w, b)
            torch.ops.aten.silu.out(normed.permute(0, 2, 3, 1).view_as(clip), out=out)
            means.append(mean)
            rstds.append(rstd)
        ctx.save_for_backward(x, weight, bias, torch.stack(means), torch.stack(rstds))
        return result

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        saved = ctx.saved_tensors
        d_x = torch.empty_like(saved[0])
        d_weight, d_bias = [], []
        for clip, w, b, mean, rstd, g, out in zip(*saved, grad.contiguous(), d_x, strict=True):
            normed, _, _ = _norm(clip, w, b)
            d_normed = torch.ops.aten.silu_backward(_as_image(g[None]), normed)
            channels = clip.shape[-1]
            d_clip, d_w, d_b = torch.ops.aten.native_group_norm_backward(
                d_normed,
                _as_image(clip[None]),
                mean,
                rstd,
                w,
                1,
                channels,
                clip[..., 0].numel(),
                GROUPS,
                [True] * 3,
            )
            out.copy_(d_clip.permute(0, 2, 3, 1).view_as(clip))
            d_weight.append(d_w)
            d_bias.append(d_b)
        return d_x, torch.stack(d_weight), torch.stack(d_bias)


def _norm(clip: Tensor, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return torch.native_group_norm(
        _as_image(clip[None]), weight, bias, 1, clip.shape[-1], clip[..., 0].numel(), GROUPS, EPS
    )


def _as_image(x: Tensor) -> Tensor:
    """View (B, K, h, w, C) as channels-last (B, C, K * h, w)."""
    return x.flatten(1, 2).permute(0, 3, 1, 2)
