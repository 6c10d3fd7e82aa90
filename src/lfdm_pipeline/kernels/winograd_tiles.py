"""How Winograd's convolution divides images into tiles of 4x4 pixels, and memory among what is computed of them."""

from typing import NamedTuple

from numba import njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.products import ROWS
from lfdm_pipeline.kernels.rows import BYTES, round_up
from lfdm_pipeline.kernels.vectors import LANES

POINTS = 36
TAPS = 9
BLOCK = 64
"""Channels that are summed over, or rows of a sum, at once."""
PANEL = 32
"""Columns of sums at once."""
GROUP = 128
"""Tiles at once, a multiple of `ROWS`: a panel of their products and a block of kernels fill the second cache."""
AHEAD = 8
"""How many rows of kernels are asked for before they are needed."""

# From a point's matrix to the next: a power of two would leave them few sets of a cache.
GROUP_STRIDE = GROUP * PANEL + LANES
BLOCK_STRIDE = BLOCK * PANEL + LANES


class Tiles(NamedTuple):
    """Some tiles of images of so many rows and columns of tiles."""

    first: int
    rows: int
    columns: int


class Workspace(NamedTuple):
    """Addresses of what one thread has in work."""

    tiles: int
    """A panel of each tile in a group, by points: (POINTS, GROUP, PANEL)."""
    kernels: int
    """A block and panel of kernels, by points: (POINTS, BLOCK, PANEL)."""
    square: int
    """What is transformed along one axis so far: (POINTS, LANES)."""


@njit
def place_workspace(start: int) -> Workspace:
    """Lay out the memory of a thread."""
    kernels = start + BYTES * POINTS * GROUP_STRIDE
    square = kernels + BYTES * POINTS * BLOCK_STRIDE
    return Workspace(start, kernels, square)


def workspace_size() -> int:
    """Floats that a thread needs."""
    return POINTS * (GROUP_STRIDE + BLOCK_STRIDE + LANES)


@register_jitable
def chunk_stride(count: int) -> int:
    """Return the floats from a point to the next where all of so many tiles are."""
    return (count + ROWS - 1) // ROWS * ROWS * BLOCK + LANES


def chunk_size(count: int, channels: int) -> int:
    """Floats of the points of tiles: (blocks of channels, POINTS, count, BLOCK)."""
    return -(-channels // BLOCK) * POINTS * chunk_stride(count)


@njit
def block_of(chunk: int, count: int, block: int, point: int, tile: int) -> int:
    """Return the address of a tile's block of channels at a point, in what `chunk_size` measures."""
    return chunk + BYTES * ((block * POINTS + point) * chunk_stride(count) + tile * BLOCK)


@njit
def group_start(group: int, count: int) -> int:
    """Return the first tile of a group; groups are about as large as each other."""
    groups = groups_of(count)
    return min(count, round_up(count * group // groups, ROWS))


@njit
def groups_of(count: int) -> int:
    """Return into how many groups tiles are divided."""
    return (count + GROUP - 1) // GROUP


@njit
def pixel(tiles: Tiles, tile: int, channels: int) -> int:
    """Return the index of a tile's first pixel."""
    across = (tiles.first + tile) % tiles.columns
    down = (tiles.first + tile) // tiles.columns
    return 4 * (down * 4 * tiles.columns + across) * channels
