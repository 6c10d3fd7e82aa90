"""Attention of each position over its frames, from its norm to the sum with what it read.

All that belongs to one position stays in a core's cache, so a clip is read once and written once.
"""

from typing import NamedTuple

from numba import njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.rows import (
    BYTES,
    copy,
    fill,
    normalise,
    read_row,
    round_up,
    softmax,
    transpose,
    turn,
    write_row,
)
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, put


class Sizes(NamedTuple):
    """Sizes of a clip and its attention, with what memory is made of."""

    frames: int
    positions: int
    channels: int
    heads: int
    dim: int
    """Of a head, a multiple of `LANES`."""
    rows: int
    """Frames, rounded up to `ROWS`."""
    columns: int
    """Frames, rounded up to `LANES`."""
    width: int
    """Channels, rounded up to `LANES`."""
    inner: int
    """Channels of all heads."""


class Head(NamedTuple):
    """Addresses of what heads compute of one position, one after the other."""

    projected: int
    """Turned queries, turned keys, values: (rows, 3, dim)."""
    keys: int
    """Transposed: (dim, columns)."""
    weights: int
    """(rows, columns)."""
    attended: int
    """Of all heads: (rows, heads, dim)."""
    end: int


@register_jitable
def sizes_of(frames: int, positions: int, channels: int, heads: int, dim: int) -> Sizes:
    """Return sizes with what follows from them."""
    rows, columns, width = round_up(frames, ROWS), round_up(frames, LANES), round_up(channels, LANES)
    return Sizes(frames, positions, channels, heads, dim, rows, columns, width, heads * dim)


@register_jitable
def place_head(start: int, sizes: Sizes) -> Head:
    """Lay out the memory of a head."""
    keys = start + BYTES * sizes.rows * 3 * sizes.dim
    weights = keys + BYTES * sizes.dim * sizes.columns
    attended = weights + BYTES * sizes.rows * sizes.columns
    return Head(start, keys, weights, attended, attended + BYTES * sizes.rows * sizes.inner)


@njit
def row_of(clips: int, sizes: Sizes, item: int, frame: int) -> int:
    """Return the address of a frame's row in clips (B, K, P, C), for one of the B * P positions."""
    clip, position = item // sizes.positions, item % sizes.positions
    return clips + BYTES * ((clip * sizes.frames + frame) * sizes.positions + position) * sizes.channels


@njit
def read_position(found: int, clips: int, sizes: Sizes, item: int) -> None:
    """Copy the rows of a position: (rows, width)."""
    for frame in range(sizes.frames):
        read_row(found + BYTES * frame * sizes.width, row_of(clips, sizes, item, frame), sizes.channels)


@njit
def write_position(clips: int, found: int, sizes: Sizes, item: int) -> None:
    """Copy rows of a position to clips."""
    for frame in range(sizes.frames):
        write_row(row_of(clips, sizes, item, frame), found + BYTES * frame * sizes.width, sizes.channels)


@njit
def normalise_position(rows: int, rstds: int, sizes: Sizes) -> None:
    """Normalise the rows of a position, and note what each was divided by."""
    for frame in range(sizes.frames):
        put(rstds, frame, normalise(rows + BYTES * frame * sizes.width, sizes.channels))


@njit
def attend_head(head: Head, h: int, normed: int, inward: int, bias: int, cos: int, sin: int, sizes: Sizes) -> None:
    """Compute one of the heads from normalised rows, up to what is attended."""
    frames, dim, rows, columns = sizes.frames, sizes.dim, sizes.rows, sizes.columns
    to_head = inward + BYTES * h * sizes.channels * 3 * dim
    fill(head.projected, rows * 3 * dim, 0.0)
    add_product(head.projected, 3 * dim, normed, sizes.width, 1, to_head, 3 * dim, rows, sizes.channels, 3 * dim)
    for frame in range(frames):
        query, angle = head.projected + BYTES * frame * 3 * dim, BYTES * frame * dim
        turn(query, cos + angle, sin + angle, dim, 1.0)
        turn(query + BYTES * dim, cos + angle, sin + angle, dim, 1.0)
    transpose(head.keys, columns, head.projected + BYTES * dim, 3 * dim, frames, dim)
    copy(head.weights, bias + BYTES * h * rows * columns, rows * columns)
    add_product(head.weights, columns, head.projected, 3 * dim, 1, head.keys, columns, rows, dim, columns)
    for frame in range(frames):
        softmax(head.weights + BYTES * frame * columns, columns)
    attended, values = head.attended + BYTES * h * dim, head.projected + BYTES * 2 * dim
    add_product(attended, sizes.inner, head.weights, columns, 1, values, 3 * dim, rows, frames, dim)


def scratch_size(frames: int, channels: int, heads: int, dim: int) -> int:
    """Floats that a thread needs."""
    sizes = sizes_of(frames, 1, channels, heads, dim)
    return place_head(0, sizes).end // BYTES + (2 * sizes.width + 1) * sizes.rows


@in_threads
def attend(
    part: int,
    parts: int,
    result: int,
    clips: int,
    inward: int,
    outward: int,
    bias: int,
    cos: int,
    sin: int,
    scratch: int,
    scratch_row: int,
    batch: int,
    frames: int,
    positions: int,
    channels: int,
    heads: int,
    dim: int,
) -> None:
    """Add attention to clips.

    Args:
        part: Which part.
        parts: Of how many.
        result: Shape (B, K, P, C), written.
        clips: The same shape.
        inward: Queries, keys and values of each head: (heads, C, 3, D).
        outward: From what a head attended to channels: (heads, D, C rounded up to `LANES`).
        bias: Of logits: (heads, K rounded up to `ROWS`, K rounded up to `LANES`), far below zero beyond K.
        cos: Of each frame's angles, (K, D), each twice.
        sin: The same, the first of each two negative.
        scratch: Shape (parts, scratch_row), zeros.
        scratch_row: `scratch_size(frames, channels, heads, dim)`.
        batch: B.
        frames: K.
        positions: P.
        channels: C.
        heads: Heads.
        dim: D, a multiple of `LANES`.
    """
    sizes = sizes_of(frames, positions, channels, heads, dim)
    head = place_head(scratch + BYTES * part * scratch_row, sizes)
    normed, sums = head.end, head.end + BYTES * sizes.rows * sizes.width
    rstds = sums + BYTES * sizes.rows * sizes.width
    for item in range(batch * positions * part // parts, batch * positions * (part + 1) // parts):
        read_position(sums, clips, sizes, item)
        copy(normed, sums, frames * sizes.width)
        normalise_position(normed, rstds, sizes)
        fill(head.attended, sizes.rows * sizes.inner, 0.0)
        for h in range(heads):
            attend_head(head, h, normed, inward, bias, cos, sin, sizes)
        width = sizes.width
        add_product(sums, width, head.attended, sizes.inner, 1, outward, width, sizes.rows, sizes.inner, width)
        write_position(result, sums, sizes, item)
