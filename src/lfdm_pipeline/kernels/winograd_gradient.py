"""The gradient of Winograd's convolution with respect to its kernels.

The transformed gradients of all outputs stay in the cache that threads share. Each thread has its own panels of input
channels, whose windows it transforms a group at a time into its second cache, and blocks of output channels.
"""

from numba import njit

from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.rows import BYTES, fill, round_up
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES
from lfdm_pipeline.kernels.winograd_squares import (
    add_kernel_gradient,
    prefetch_kernel,
    transform_output_gradients,
    transform_window,
)
from lfdm_pipeline.kernels.winograd_tiles import (
    AHEAD,
    BLOCK,
    BLOCK_STRIDE,
    GROUP_STRIDE,
    PANEL,
    POINTS,
    TAPS,
    Tiles,
    Workspace,
    block_of,
    chunk_stride,
    group_start,
    groups_of,
    pixel,
    place_workspace,
)


@in_threads
def transform_gradients(
    part: int,
    parts: int,
    gradients: int,
    images: int,
    workspace: int,
    workspace_row: int,
    first: int,
    count: int,
    rows: int,
    columns: int,
    channels: int,
) -> None:
    """Transform the gradients of some tiles of outputs.

    Args:
        part: Which part.
        parts: Of how many.
        gradients: Their points, written: `chunk_size(count, channels)`.
        images: Shape (B, 4 rows, 4 columns, channels).
        workspace: Shape (parts, workspace_row).
        workspace_row: `workspace_size()`.
        first: Which tile is the first.
        count: Tiles.
        rows: Of tiles, in an image.
        columns: Of tiles, in an image.
        channels: C'.
    """
    tiles, memory = Tiles(first, rows, columns), place_workspace(workspace + BYTES * part * workspace_row)
    step = 4 * columns * channels
    for start in range(0, channels, BLOCK):
        for tile in range(count * part // parts, count * (part + 1) // parts):
            points, at = block_of(gradients, count, start // BLOCK, 0, tile), pixel(tiles, tile, channels)
            for c in range(start, min(channels, start + BLOCK), LANES):
                transform_output_gradients(
                    points + BYTES * (c - start),
                    chunk_stride(count),
                    images,
                    at + c,
                    step,
                    channels,
                    channels - c,
                    memory.square,
                )


@in_threads
def add_gradient(
    part: int,
    parts: int,
    d_kernels: int,
    images: int,
    gradients: int,
    workspace: int,
    workspace_row: int,
    first: int,
    count: int,
    rows: int,
    columns: int,
    channels: int,
    out: int,
) -> None:
    """Add the gradients of kernels, from images and what `transform_gradients` wrote.

    Args:
        part: Which part.
        parts: Of how many.
        d_kernels: Shape (out, TAPS, channels), added to.
        images: What is convolved, (B, 4 rows, 4 columns, channels).
        gradients: Points.
        workspace: Shape (parts, workspace_row).
        workspace_row: `workspace_size()`.
        first: Which tile is the first.
        count: Tiles.
        rows: Of tiles, in an image.
        columns: Of tiles, in an image.
        channels: C.
        out: C'.
    """
    tiles, memory = Tiles(first, rows, columns), place_workspace(workspace + BYTES * part * workspace_row)
    blocks, panels = (out + BLOCK - 1) // BLOCK, (channels + PANEL - 1) // PANEL
    item, last = panels * blocks * part // parts, panels * blocks * (part + 1) // parts
    while item < last:
        c, begin = item // blocks * PANEL, item % blocks
        end = min(blocks, begin + last - item)
        for group in range(groups_of(count)):
            start, stop = group_start(group, count), group_start(group + 1, count)
            _transform_panel(memory, images, tiles, start, stop, c, channels)
            for block in range(begin, end):
                _multiply(memory, gradients, count, start, stop, block, out, channels - c)
                _add_block(memory, d_kernels, block, c, channels, out)
        item += end - begin


@njit
def _transform_panel(
    memory: Workspace, images: int, tiles: Tiles, start: int, stop: int, c: int, channels: int
) -> None:
    """Transform a panel of the windows of a group."""
    for tile in range(start, stop):
        for v in range(0, min(PANEL, channels - c), LANES):
            points = memory.tiles + BYTES * ((tile - start) * PANEL + v)
            transform_window(points, GROUP_STRIDE, images, tiles, tile, c + v, channels, memory.square)


@njit
def _multiply(
    memory: Workspace, gradients: int, count: int, start: int, stop: int, block: int, out: int, channels: int
) -> None:
    """Sum the products of a block of gradients and a panel of windows over a group."""
    fill(memory.kernels, POINTS * BLOCK_STRIDE, 0.0)
    for point in range(POINTS):
        add_product(
            memory.kernels + BYTES * point * BLOCK_STRIDE,
            PANEL,
            block_of(gradients, count, block, point, start),
            1,
            BLOCK,
            memory.tiles + BYTES * point * GROUP_STRIDE,
            PANEL,
            round_up(min(BLOCK, out - block * BLOCK), ROWS),
            stop - start,
            min(PANEL, round_up(channels, LANES)),
        )


@njit
def _add_block(memory: Workspace, d_kernels: int, block: int, c: int, channels: int, out: int) -> None:
    """Add a block's and panel's sums to the gradients of kernels."""
    for row in range(min(BLOCK, out - block * BLOCK)):
        first = (block * BLOCK + row) * TAPS * channels + c
        for v in range(0, min(PANEL, channels - c), LANES):
            prefetch_kernel(d_kernels, first + v + AHEAD * TAPS * channels, channels)
            points = memory.kernels + BYTES * (row * PANEL + v)
            add_kernel_gradient(d_kernels, first + v, channels, channels - c - v, points, BLOCK_STRIDE, memory.square)
