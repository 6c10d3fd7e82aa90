"""3x3 convolutions with a quarter of the multiplications: F(4x4, 3x3) of Lavin and Gray (arXiv 1509.09308).

Each tile of 4x4 outputs is seen through a window of 6x6 inputs. Windows and kernels are transformed to 36 values,
between which the convolution is 36 matrix products over channels, and these are transformed back. All of it is linear,
so transforming many squares is one matrix product as well, with the Kronecker square of the transform along an axis.
"""

import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

TILE = 4
_WINDOW = 6
# Windows times channels at once: as much as stays in a core's cache from one transform to the next.
_CHUNK = 1 << 15


def winograd_convolve(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Convolve images with 3x3 kernels, padding 1: what `conv2d` gives, to about 2e-5 of its largest value.

    Args:
        x: (B, C, H, W), fp32 on the CPU, height and width multiples of `TILE`.
        weight: (C', C, 3, 3).
        bias: (C',).

    Returns:
        (B, C', H, W), channels-last.
    """
    result: Tensor = _Winograd.apply(x, weight, bias)  # type: ignore[no-untyped-call]
    return result


class _Winograd(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _convolve(x, weight, bias, _transforms().of_kernel)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        x, weight = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        of_flipped_kernel = _transforms().of_kernel.flip(1)
        return (
            _convolve(gradient, weight.transpose(0, 1), None, of_flipped_kernel) if wanted[0] else None,
            _weight_gradient(x, gradient) if wanted[1] else None,
            gradient.sum(dim=(0, 2, 3)) if wanted[2] else None,
        )


def _convolve(x: Tensor, weight: Tensor, bias: Tensor | None, of_kernel: Tensor) -> Tensor:
    channels = weight.shape[0]
    taps = _scratch("taps", 3, 3, *weight.shape[:2]).copy_(weight.permute(2, 3, 0, 1))
    kernel = _product("kernel", of_kernel, taps.view(9, -1)).view(-1, *weight.shape[:2])
    result = torch.empty((len(x), channels, *x.shape[2:]), memory_format=torch.channels_last)
    for windows, images in zip(_windows(x), _chunks(result, like=x), strict=True):
        products = _scratch("products", len(windows), windows.shape[1], channels)
        torch.bmm(windows, kernel.transpose(1, 2), out=products)
        outputs = _product("outputs", _transforms().of_output, products.flatten(1))
        tiles = _tiles(images)
        outputs = outputs.view(tiles.shape)
        if bias is None:
            tiles.copy_(outputs)
        else:
            torch.add(outputs, bias, out=tiles)
    return result


def _weight_gradient(x: Tensor, gradient: Tensor) -> Tensor:
    """Return (C', C, 3, 3), from x (B, C, H, W) and the gradient (B, C', H, W) of what it was convolved to."""
    channels = gradient.shape[1]
    total = _scratch("kernel", _WINDOW**2, channels, x.shape[1]).zero_()
    gradient = gradient.contiguous(memory_format=torch.channels_last)
    for windows, images in zip(_windows(x), _chunks(gradient, like=x), strict=True):
        tiles = _tiles(images)
        outputs = _scratch("outputs", *tiles.shape).copy_(tiles).view(TILE**2, -1)
        products = _product("products", _transforms().of_output.T, outputs).view(len(windows), -1, channels)
        torch.baddbmm(total, products.transpose(1, 2), windows, out=total)
    taps = _transforms().of_kernel.T @ total.flatten(1)
    return taps.view(3, 3, channels, -1).permute(2, 3, 0, 1)


def _windows(x: Tensor) -> Iterator[Tensor]:
    """Yield the transformed windows (36, windows, C) of each chunk of images, good until the next is asked for."""
    channels, height, width = x.shape[1:]
    for images in _chunks(x, like=x):
        padded = _scratch("padded", len(images), height + 2, width + 2, channels).zero_()
        padded[:, 1:-1, 1:-1] = images
        # (B, H/4, W/4, C, 6, 6) to (6, 6, B, H/4, W/4, C)
        views = padded.unfold(1, _WINDOW, TILE).unfold(2, _WINDOW, TILE).permute(4, 5, 0, 1, 2, 3)
        windows = _scratch("windows", *views.shape).copy_(views)
        transformed = _product("transformed", _transforms().of_window, windows.view(_WINDOW**2, -1))
        yield transformed.view(_WINDOW**2, -1, channels)


def _tiles(images: Tensor) -> Tensor:
    """View images (B, H, W, C) as (4, 4, B, H/4, W/4, C)."""
    return images.unflatten(2, (-1, TILE)).unflatten(1, (-1, TILE)).permute(2, 4, 0, 1, 3, 5)


def _chunks(images: Tensor, like: Tensor) -> tuple[Tensor, ...]:
    """View images (B, C, H, W) as chunks (b, H, W, C) of as many as of `like` are worked on at once."""
    return images.permute(0, 2, 3, 1).split(max(1, _CHUNK * TILE**2 // like[0].numel()))


@dataclass(frozen=True)
class _Transforms:
    """Of flattened squares: a window's (36, 36), a kernel's (36, 9), and back to a tile of outputs (16, 36)."""

    of_window: Tensor
    of_kernel: Tensor
    of_output: Tensor


@lru_cache(maxsize=1)
def _transforms() -> _Transforms:
    # A tensor made in inference mode could never be used in training.
    with torch.inference_mode(False):
        window = [
            [4.0, 0, -5, 0, 1, 0],
            [0, -4, -4, 1, 1, 0],
            [0, 4, -4, -1, 1, 0],
            [0, -2, -1, 2, 1, 0],
            [0, 2, -1, -2, 1, 0],
            [0, 4, 0, -5, 0, 1],
        ]
        kernel = [
            [1 / 4, 0, 0],
            [-1 / 6, -1 / 6, -1 / 6],
            [-1 / 6, 1 / 6, -1 / 6],
            [1 / 24, 1 / 12, 1 / 6],
            [1 / 24, -1 / 12, 1 / 6],
            [0, 0, 1],
        ]
        output = [[1.0, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]]
        return _Transforms(*(torch.kron(m, m) for m in map(torch.tensor, (window, kernel, output))))


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
            _kept.buffers[name] = torch.empty(size)
    return _kept.buffers[name][:size].view(shape)


def _product(name: str, transform: Tensor, values: Tensor) -> Tensor:
    return torch.mm(transform, values, out=_scratch(name, len(transform), values.shape[1]))
