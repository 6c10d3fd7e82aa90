"""Transforms of the squares that Winograd's convolution consists of, `LANES` channels of one at a time."""

from typing import Any

from numba import njit

from lfdm_pipeline.kernels.vectors import LANES, load, load_first, prefetch, store, store_first
from lfdm_pipeline.kernels.winograd_tiles import TAPS, Tiles, pixel
from lfdm_pipeline.kernels.winograd_transforms import (
    of_output_gradients,
    of_point_gradients,
    to_kernel_points,
    to_outputs,
    to_window_points,
)


@njit
def transform_window(
    points: int, stride: int, images: int, tiles: Tiles, tile: int, c: int, channels: int, square: int
) -> None:
    """Transform what a tile is seen through: 6x6 pixels around it, zero outside of its image.

    Args:
        points: Address, of the first point.
        stride: Floats from a point to the next.
        images: Address, of the first image.
        tiles: Where these tiles are.
        tile: Which of them.
        c: First channel.
        channels: Of images.
        square: Address, memory.
    """
    step = 4 * tiles.columns * channels
    across = (tiles.first + tile) % tiles.columns
    down = (tiles.first + tile) // tiles.columns % tiles.rows
    above, below = down > 0, down < tiles.rows - 1
    left, right = across > 0, across < tiles.columns - 1
    corner = pixel(tiles, tile, channels) + c
    _prefetch_tile(images, pixel(tiles, tile + 1, channels) + c + step + channels, step, channels)
    for j in range(6):
        # What is masked is not read, but at an address that is not mapped even that costs hundreds of cycles.
        inside = (j > 0 or left) and (j < 5 or right)
        at, count = corner + (j - 1) * inside * channels, (channels - c) * inside
        column = to_window_points(
            load_first(images, at - step * above, count * above),
            load_first(images, at, count),
            load_first(images, at + step, count),
            load_first(images, at + 2 * step, count),
            load_first(images, at + 3 * step, count),
            load_first(images, at + (3 + below) * step, count * below),
        )
        _write_six(square, j * LANES, 6 * LANES, column)
    for i in range(6):
        row = to_window_points(*_read_six(square, 6 * i * LANES, LANES))
        _write_six(points, 6 * i * stride, stride, row)


@njit
def transform_kernel(
    points: int, stride: int, kernel: int, first: int, tap_stride: int, count: int, square: int
) -> None:
    """Transform 3x3 taps.

    Args:
        points: Address, of the first point.
        stride: Floats from a point to the next.
        kernel: Address.
        first: Index of the first tap.
        tap_stride: Floats from a tap to the next.
        count: Channels, of which `LANES` are read.
        square: Address, memory.
    """
    for j in range(3):
        column = to_kernel_points(
            load_first(kernel, first + j * tap_stride, count),
            load_first(kernel, first + (3 + j) * tap_stride, count),
            load_first(kernel, first + (6 + j) * tap_stride, count),
        )
        _write_six(square, j * LANES, 3 * LANES, column)
    for i in range(6):
        s = 3 * i * LANES
        row = to_kernel_points(load(square, s), load(square, s + LANES), load(square, s + 2 * LANES))
        _write_six(points, 6 * i * stride, stride, row)


@njit
def transform_outputs(
    images: int, first: int, step: int, channels: int, count: int, points: int, stride: int, bias: Any, square: int
) -> None:
    """Transform points back to 4x4 pixels.

    Args:
        images: Address.
        first: Index of the first pixel.
        step: Floats from a row of pixels to the next.
        channels: Floats from a pixel to the next.
        count: Channels, of which `LANES` are written.
        points: Address, of the first point.
        stride: Floats from a point to the next.
        bias: A vector, added.
        square: Address, memory.
    """
    for j in range(6):
        y0, y1, y2, y3 = to_outputs(*_read_six(points, j * stride, 6 * stride))
        store(square, j * LANES, y0)
        store(square, (6 + j) * LANES, y1)
        store(square, (12 + j) * LANES, y2)
        store(square, (18 + j) * LANES, y3)
    for i in range(4):
        y0, y1, y2, y3 = to_outputs(*_read_six(square, 6 * i * LANES, LANES))
        at = first + i * step
        for j in range(4, 8):
            prefetch(images, at + j * channels)
        store_first(images, at, count, y0 + bias)
        store_first(images, at + channels, count, y1 + bias)
        store_first(images, at + 2 * channels, count, y2 + bias)
        store_first(images, at + 3 * channels, count, y3 + bias)


@njit
def transform_output_gradients(
    points: int, stride: int, images: int, first: int, step: int, channels: int, count: int, square: int
) -> None:
    """Transform the gradients of 4x4 pixels to those of their points; the arguments are as for outputs."""
    _prefetch_tile(images, first + 4 * channels, step, channels)
    for j in range(4):
        at = first + j * channels
        column = of_output_gradients(
            load_first(images, at, count),
            load_first(images, at + step, count),
            load_first(images, at + 2 * step, count),
            load_first(images, at + 3 * step, count),
        )
        _write_six(square, j * LANES, 4 * LANES, column)
    for i in range(6):
        s = 4 * i * LANES
        row = of_output_gradients(
            load(square, s), load(square, s + LANES), load(square, s + 2 * LANES), load(square, s + 3 * LANES)
        )
        _write_six(points, 6 * i * stride, stride, row)


@njit
def add_kernel_gradient(
    kernel: int, first: int, tap_stride: int, count: int, points: int, stride: int, square: int
) -> None:
    """Add the gradients of 3x3 taps, from those of their points; the arguments are as for kernels."""
    for j in range(6):
        g0, g1, g2 = of_point_gradients(*_read_six(points, j * stride, 6 * stride))
        store(square, j * LANES, g0)
        store(square, (6 + j) * LANES, g1)
        store(square, (12 + j) * LANES, g2)
    for i in range(3):
        g0, g1, g2 = of_point_gradients(*_read_six(square, 6 * i * LANES, LANES))
        at = first + 3 * i * tap_stride
        store_first(kernel, at, count, load_first(kernel, at, count) + g0)
        store_first(kernel, at + tap_stride, count, load_first(kernel, at + tap_stride, count) + g1)
        store_first(kernel, at + 2 * tap_stride, count, load_first(kernel, at + 2 * tap_stride, count) + g2)


@njit
def prefetch_kernel(kernel: int, first: int, tap_stride: int) -> None:
    """Ask for 3x3 taps; the arguments are as where they are transformed."""
    for tap in range(TAPS):
        prefetch(kernel, first + tap * tap_stride)


@njit
def _prefetch_tile(images: int, at: int, step: int, channels: int) -> None:
    """Ask for 4x4 pixels, which lie too far from each other for the processor to guess."""
    for i in range(4):
        for j in range(4):
            prefetch(images, at + i * step + j * channels)


@njit
def _read_six(address: int, at: int, stride: int) -> tuple[Any, ...]:
    return (
        load(address, at),
        load(address, at + stride),
        load(address, at + 2 * stride),
        load(address, at + 3 * stride),
        load(address, at + 4 * stride),
        load(address, at + 5 * stride),
    )


@njit
def _write_six(address: int, at: int, stride: int, six: tuple[Any, ...]) -> None:
    v0, v1, v2, v3, v4, v5 = six
    store(address, at, v0)
    store(address, at + stride, v1)
    store(address, at + 2 * stride, v2)
    store(address, at + 3 * stride, v3)
    store(address, at + 4 * stride, v4)
    store(address, at + 5 * stride, v5)
