"""Winograd's convolution of tiles: from windows to points, products over channels at each, from points to outputs.

The points of all windows stay in the cache that threads share. A thread takes a panel of output channels and a group of
tiles at a time: it transforms the panel's kernels block by block into its second cache, where the products are summed.
"""

from numba import njit

from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.rows import BYTES, fill, round_up
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, load_first, put, transpose_square, value
from lfdm_pipeline.kernels.winograd_squares import (
    prefetch_kernel,
    transform_kernel,
    transform_outputs,
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
def swap_channels(part: int, parts: int, found: int, given: int, rows: int, columns: int) -> None:
    """Copy kernels (rows, TAPS, columns) to (columns, TAPS, rows).

    Args:
        part: Which part.
        parts: Of how many.
        found: Written.
        given: Address.
        rows: Channels.
        columns: Channels.
    """
    strips = (columns + LANES - 1) // LANES
    for strip in range(strips * part // parts, strips * (part + 1) // parts):
        c = strip * LANES
        for tap in range(TAPS):
            for r in range(0, rows, LANES):
                to, at = (c * TAPS + tap) * rows + r, (r * TAPS + tap) * columns + c
                _transpose(found + BYTES * to, TAPS * rows, given + BYTES * at, TAPS * columns, rows - r, columns - c)


@njit
def _transpose(found: int, found_row: int, given: int, given_row: int, rows: int, columns: int) -> None:
    if rows >= LANES and columns >= LANES:
        transpose_square(found, found_row, given, given_row)
    else:
        for r in range(min(LANES, rows)):
            for c in range(min(LANES, columns)):
                put(found, c * found_row + r, value(given, r * given_row + c))


@in_threads
def transform_windows(
    part: int,
    parts: int,
    windows: int,
    images: int,
    workspace: int,
    workspace_row: int,
    first: int,
    count: int,
    rows: int,
    columns: int,
    channels: int,
) -> None:
    """Transform the windows of some tiles.

    Args:
        part: Which part.
        parts: Of how many.
        windows: Their points, written: `chunk_size(count, channels)`.
        images: Shape (B, 4 rows, 4 columns, channels).
        workspace: Shape (parts, workspace_row).
        workspace_row: `workspace_size()`.
        first: Which tile is the first.
        count: Tiles.
        rows: Of tiles, in an image.
        columns: Of tiles, in an image.
        channels: C.
    """
    tiles, memory = Tiles(first, rows, columns), place_workspace(workspace + BYTES * part * workspace_row)
    for start in range(0, channels, BLOCK):
        for tile in range(count * part // parts, count * (part + 1) // parts):
            points = block_of(windows, count, start // BLOCK, 0, tile)
            for c in range(start, min(channels, start + BLOCK), LANES):
                at = points + BYTES * (c - start)
                transform_window(at, chunk_stride(count), images, tiles, tile, c, channels, memory.square)


@in_threads
def convolve_windows(
    part: int,
    parts: int,
    result: int,
    windows: int,
    kernels: int,
    flipped: int,
    bias: int,
    workspace: int,
    workspace_row: int,
    first: int,
    count: int,
    rows: int,
    columns: int,
    channels: int,
    out: int,
) -> None:
    """Convolve what `transform_windows` wrote.

    Args:
        part: Which part.
        parts: Of how many.
        result: Shape (B, 4 rows, 4 columns, out), written where these tiles are.
        windows: Points.
        kernels: Shape (channels, TAPS, out).
        flipped: 1 if the last tap comes first, else 0.
        bias: Shape (out,).
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
    groups, panels = groups_of(count), (out + PANEL - 1) // PANEL
    for item in range(panels * groups * part // parts, panels * groups * (part + 1) // parts):
        # Most of a group's windows were transformed by the thread that multiplies them, and lie near it.
        group, o = item // panels, item % panels * PANEL
        start, stop = group_start(group, count), group_start(group + 1, count)
        fill(memory.tiles, POINTS * GROUP_STRIDE, 0.0)
        for c in range(0, channels, BLOCK):
            _transform_kernels(memory, kernels, flipped, c, o, channels, out)
            _multiply(memory, windows, count, start, stop, c, channels, out - o)
        for tile in range(start, stop):
            for v in range(0, min(PANEL, out - o), LANES):
                transform_outputs(
                    result,
                    pixel(tiles, tile, out) + o + v,
                    4 * columns * out,
                    out,
                    out - o - v,
                    memory.tiles + BYTES * ((tile - start) * PANEL + v),
                    GROUP_STRIDE,
                    load_first(bias, o + v, out - o - v),
                    memory.square,
                )


@njit
def _transform_kernels(memory: Workspace, kernels: int, flipped: int, c: int, o: int, channels: int, out: int) -> None:
    """Transform the kernels from a block of channels to a panel."""
    tap_stride = -out if flipped else out
    for d in range(min(BLOCK, channels - c)):
        first = ((c + d) * TAPS + (TAPS - 1) * flipped) * out + o
        for v in range(0, min(PANEL, out - o), LANES):
            prefetch_kernel(kernels, first + v + AHEAD * TAPS * out, tap_stride)
            points = memory.kernels + BYTES * (d * PANEL + v)
            transform_kernel(points, BLOCK_STRIDE, kernels, first + v, tap_stride, out - o - v, memory.square)


@njit
def _multiply(
    memory: Workspace, windows: int, count: int, start: int, stop: int, c: int, channels: int, out: int
) -> None:
    """Add the products of a group's windows and transformed kernels, over a block of channels."""
    for point in range(POINTS):
        add_product(
            memory.tiles + BYTES * point * GROUP_STRIDE,
            PANEL,
            block_of(windows, count, c // BLOCK, point, start),
            BLOCK,
            1,
            memory.kernels + BYTES * point * BLOCK_STRIDE,
            PANEL,
            round_up(stop - start, ROWS),
            min(BLOCK, channels - c),
            min(PANEL, round_up(out, LANES)),
        )
