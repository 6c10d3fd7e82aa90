"""3x3 convolutions with a quarter of the multiplications: F(4x4, 3x3) of Lavin and Gray (arXiv 1509.09308).

Each tile of 4x4 outputs is seen through a window of 6x6 inputs. Windows and kernels are transformed to 36 points,
between which the convolution is 36 matrix products over channels, and these are transformed back.
"""

import math
import threading
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from lfdm_pipeline.models.compiled_loops import check_shapes

TILE = 4
# Tiles times channels at once: their points take a part of the cache that threads share.
_CHUNK = 1 << 16


def winograd_convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Convolve images with 3x3 kernels, padding 1: what `conv2d` gives, to about 2e-5 of its largest value.

    Args:
        x: (B, C, H, W), fp32 on the CPU, height and width multiples of `TILE`.
        weight: (C', C, 3, 3).
        bias: (C',).

    Returns:
        (B, C', H, W), channels-last.
    """
    out, channels = len(weight), x.shape[1]
    check_shapes(weight=(weight, (out, channels, 3, 3)), **({} if bias is None else {"bias": (bias, (out,))}))
    result: Tensor = _Winograd.apply(x, weight, bias)  # type: ignore[no-untyped-call]
    return result


class _Winograd(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        from lfdm_pipeline.kernels.winograd import swap_channels

        ctx.save_for_backward(x, weight)
        rows, columns = weight.shape[:2]
        kernels = _scratch("kernels", weight.numel())
        swap_channels(kernels, _channels_last(weight), rows, columns)
        return _convolve(x, kernels, rows, flipped=False, bias=bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        return (
            _convolve(gradient, _channels_last(weight), weight.shape[1], flipped=True) if wanted[0] else None,
            _weight_gradient(x, gradient) if wanted[1] else None,
            gradient.sum(dim=(0, 2, 3)) if wanted[2] else None,
        )


def _convolve(x: Tensor, kernels: Tensor, channels: int, *, flipped: bool, bias: Tensor | None = None) -> Tensor:
    """Convolve (B, C, H, W) with kernels whose memory is (C, 3, 3, C')."""
    from lfdm_pipeline.kernels.winograd import convolve_windows, transform_windows

    x = _channels_last(x)
    # No view of other memory, which must not be changed in place.
    size = len(x), channels, *x.shape[2:]
    result = torch.empty(size, dtype=x.dtype, device=x.device, memory_format=torch.channels_last)
    bias = x.new_zeros(channels) if bias is None else bias.contiguous()
    workspace = _workspace()
    for points, *tiles in _chunks(x):
        transform_windows(points, x, workspace, workspace.shape[1], *tiles, x.shape[1])
        convolve_windows(
            *(result, points, kernels, flipped, bias, workspace, workspace.shape[1], *tiles, x.shape[1], channels)
        )
    return result


def _weight_gradient(x: Tensor, gradient: Tensor) -> Tensor:
    """Return (C', C, 3, 3), from x (B, C, H, W) and the gradient (B, C', H, W) of what it was convolved to."""
    from lfdm_pipeline.kernels.winograd_gradient import add_gradient, transform_gradients

    x, gradient = _channels_last(x), _channels_last(gradient)
    channels, out = x.shape[1], gradient.shape[1]
    d_weight = x.new_zeros(out, 3, 3, channels).permute(0, 3, 1, 2)
    workspace = _workspace()
    for points, *tiles in _chunks(gradient):
        transform_gradients(points, gradient, workspace, workspace.shape[1], *tiles, out)
        add_gradient(d_weight, x, points, workspace, workspace.shape[1], *tiles, channels, out)
    return d_weight


def _chunks(images: Tensor) -> Iterator[tuple[Any, ...]]:
    """Yield memory for the points of some tiles, the first of these, how many, and rows and columns of an image's."""
    from lfdm_pipeline.kernels.winograd_tiles import BLOCK, chunk_size

    channels, rows, columns = images.shape[1], images.shape[2] // TILE, images.shape[3] // TILE
    tiles = len(images) * rows * columns
    chunk = max(1, min(tiles, _CHUNK // max(channels, BLOCK)))
    for first in range(0, tiles, chunk):
        count = min(chunk, tiles - first)
        yield _scratch("points", chunk_size(count, channels)), first, count, rows, columns


def _channels_last(tensor: Tensor) -> Tensor:
    return tensor.contiguous(memory_format=torch.channels_last)


def _workspace() -> Tensor:
    from lfdm_pipeline.kernels.winograd_tiles import workspace_size

    return _scratch("workspace", torch.get_num_threads(), workspace_size())


class _Kept(threading.local):
    """Memory that outlives a call: to get it anew from the system would cost as much as the arithmetic."""

    def __init__(self) -> None:
        self.buffers: dict[str, Tensor] = {}


_kept = _Kept()


def _scratch(name: str, *shape: int) -> Tensor:
    """Return uninitialised memory, the same for every call with this name in this thread."""
    size = math.prod(shape)
    if name not in _kept.buffers or _kept.buffers[name].numel() < size:
        with torch.inference_mode(False):
            _kept.buffers[name] = torch.empty(size, dtype=torch.float32, device="cpu")
    return _kept.buffers[name][:size].view(shape)
