"""Linear attention over the positions of each frame, a block of rows at a time.

Keys' softmax goes over all positions of a frame, of which a block sees a few: what was gathered under a smaller largest
logit is scaled when a larger one is met (Milakov and Gimelshein, arXiv 1805.02867).
"""

from typing import NamedTuple

from numba import njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.rows import (
    BYTES,
    add,
    copy,
    fill,
    normalise,
    read_row,
    round_up,
    scale,
    softmax,
    write_row,
)
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, exp, load, maximum, put, store, value

BLOCK = 64
"""Rows of a block, a multiple of `ROWS`: with what they are multiplied by they stay in a core's second cache."""

_LEAST = -1e30


class Sizes(NamedTuple):
    """Sizes of frames and their attention, with what memory is made of."""

    rows: int
    channels: int
    heads: int
    dim: int
    """Of a head, a multiple of `LANES`."""
    width: int
    """Channels, rounded up to `LANES`."""


class Frame(NamedTuple):
    """Addresses of what is computed of one frame; `width` and `dim` as in `Sizes`."""

    normed: int
    """Normalised rows of a block: (BLOCK, width)."""
    rstds: int
    """What those were divided by: BLOCK."""
    projected: int
    """Queries and keys of a head: (BLOCK, 2, dim)."""
    context: int
    """Of a head: (dim, dim)."""
    peaks: int
    """Largest logits of keys: (heads, dim)."""
    summed: int
    """Sums of exponentials of keys: (heads, dim)."""
    factors: int
    """What a head's sums are to be multiplied by: dim."""
    gathered: int
    """What keys gathered: (heads, dim, width)."""
    mixing: int
    """From queries to what is attended: (heads, dim, width)."""
    sums: int
    """Rows of a block of the result: (BLOCK, width)."""
    end: int


@register_jitable
def sizes_of(rows: int, channels: int, heads: int, dim: int) -> Sizes:
    """Return sizes with what follows from them."""
    return Sizes(rows, channels, heads, dim, round_up(channels, LANES))


@register_jitable
def place_frame(start: int, sizes: Sizes) -> Frame:
    """Lay out the memory of a frame."""
    dim, width, inner = sizes.dim, sizes.width, sizes.heads * sizes.dim
    rstds = start + BYTES * BLOCK * width
    projected = rstds + BYTES * BLOCK
    context = projected + BYTES * BLOCK * 2 * dim
    peaks = context + BYTES * dim * dim
    summed = peaks + BYTES * inner
    factors = summed + BYTES * inner
    gathered = factors + BYTES * dim
    mixing = gathered + BYTES * inner * width
    sums = mixing + BYTES * inner * width
    return Frame(
        start, rstds, projected, context, peaks, summed, factors, gathered, mixing, sums, sums + BYTES * BLOCK * width
    )


@njit
def normalise_block(frame: Frame, rows: int, count: int, sizes: Sizes) -> None:
    """Read and normalise some rows of a frame."""
    for i in range(count):
        row = frame.normed + BYTES * i * sizes.width
        read_row(row, rows + BYTES * i * sizes.channels, sizes.channels)
        put(frame.rstds, i, normalise(row, sizes.channels))


@njit
def project(frame: Frame, inward: int, floor: int, count: int, sizes: Sizes, first: int, parts: int) -> None:
    """Project a block's rows to queries (0), keys (1), or both; queries become weights, keys stay logits."""
    dim = sizes.dim
    offset = BYTES * first * dim
    for i in range(count):
        copy(frame.projected + BYTES * i * 2 * dim + offset, floor + offset, parts * dim)
    add_product(
        frame.projected + offset,
        2 * dim,
        frame.normed,
        sizes.width,
        1,
        inward + offset,
        2 * dim,
        round_up(count, ROWS),
        sizes.channels,
        parts * dim,
    )
    if first == 0:
        for i in range(count):
            softmax(frame.projected + BYTES * i * 2 * dim, dim)


@njit
def start_gathering(frame: Frame, sizes: Sizes) -> None:
    """Forget what was gathered of another frame."""
    inner = sizes.heads * sizes.dim
    fill(frame.peaks, inner, _LEAST)
    fill(frame.summed, inner, 0.0)
    fill(frame.gathered, inner * sizes.width, 0.0)


@njit
def gather_block(frame: Frame, head: int, count: int, sizes: Sizes) -> None:
    """Let a head's keys gather a block's normalised rows."""
    dim, width = sizes.dim, sizes.width
    keys, gathered = frame.projected + BYTES * dim, frame.gathered + BYTES * head * dim * width
    _exponentiate_keys(frame, head, count, dim)
    for d in range(dim):
        factor = value(frame.factors, d)
        if factor != 1.0:
            scale(gathered + BYTES * d * width, factor, width)
    add_product(gathered, width, keys, 1, 2 * dim, frame.normed, width, dim, count, width)


@njit
def _exponentiate_keys(frame: Frame, head: int, count: int, dim: int) -> None:
    """Turn logits into exponentials below the largest so far; note by what earlier ones are to be multiplied."""
    keys, at = frame.projected + BYTES * dim, head * dim
    for j in range(0, dim, LANES):
        before = load(frame.peaks, at + j)
        peak = before
        for i in range(count):
            peak = maximum(peak, load(keys, i * 2 * dim + j))
        factor = exp(before - peak)
        summed = load(frame.summed, at + j) * factor
        for i in range(count):
            weight = exp(load(keys, i * 2 * dim + j) - peak)
            store(keys, i * 2 * dim + j, weight)
            summed += weight
        store(frame.peaks, at + j, peak)
        store(frame.summed, at + j, summed)
        store(frame.factors, j, factor)


@njit
def mix(frame: Frame, to_value: int, outward: int, sizes: Sizes) -> None:
    """Make the means of what each head gathered, and what queries are multiplied by."""
    dim, width = sizes.dim, sizes.width
    for row in range(sizes.heads * dim):
        scale(frame.gathered + BYTES * row * width, 1.0 / value(frame.summed, row), width)
    fill(frame.mixing, sizes.heads * dim * width, 0.0)
    for head in range(sizes.heads):
        at = BYTES * head * dim * width
        form_context(frame, head, to_value, sizes)
        add_product(frame.mixing + at, width, frame.context, dim, 1, outward + at, width, dim, dim, width)


@njit
def form_context(frame: Frame, head: int, to_value: int, sizes: Sizes) -> None:
    """Sum keys times values of a head."""
    dim, width = sizes.dim, sizes.width
    fill(frame.context, dim * dim, 0.0)
    gathered, values = frame.gathered + BYTES * head * dim * width, to_value + BYTES * head * sizes.channels * dim
    add_product(frame.context, dim, gathered, width, 1, values, dim, dim, sizes.channels, dim)


def scratch_size(channels: int, heads: int, dim: int) -> int:
    """Floats that a thread needs."""
    return place_frame(0, sizes_of(0, channels, heads, dim)).end // BYTES


@in_threads
def attend(
    part: int,
    parts: int,
    result: int,
    frames: int,
    inward: int,
    to_value: int,
    outward: int,
    bias: int,
    floor: int,
    scratch: int,
    scratch_row: int,
    count: int,
    rows: int,
    channels: int,
    heads: int,
    dim: int,
) -> None:
    """Add linear attention to frames.

    Args:
        part: Which part.
        parts: Of how many.
        result: Shape (F, N, C), written.
        frames: The same shape.
        inward: Queries and keys of each head: (heads, C, 2, D).
        to_value: Values of each head: (heads, C, D).
        outward: From what a head attended to channels: (heads, D, C rounded up to `LANES`).
        bias: Added to each row: C rounded up to `LANES`.
        floor: Added to logits: (2, D), far below zero for queries beyond a head's channels, else zero.
        scratch: Shape (parts, scratch_row), zeros.
        scratch_row: `scratch_size(channels, heads, dim)`.
        count: F.
        rows: N.
        channels: C.
        heads: Heads.
        dim: D, a multiple of `LANES`.
    """
    sizes = sizes_of(rows, channels, heads, dim)
    frame = place_frame(scratch + BYTES * part * scratch_row, sizes)
    for f in range(count * part // parts, count * (part + 1) // parts):
        given = frames + BYTES * f * rows * channels
        start_gathering(frame, sizes)
        for start in range(0, rows, BLOCK):
            length = min(BLOCK, rows - start)
            normalise_block(frame, given + BYTES * start * channels, length, sizes)
            for head in range(heads):
                project(frame, inward + BYTES * head * channels * 2 * dim, floor, length, sizes, 1, 1)
                gather_block(frame, head, length, sizes)
        mix(frame, to_value, outward, sizes)
        for start in range(0, rows, BLOCK):
            length, at = min(BLOCK, rows - start), BYTES * (f * rows + start) * channels
            normalise_block(frame, frames + at, length, sizes)
            _attend_block(frame, frames + at, inward, bias, floor, length, sizes)
            for i in range(length):
                write_row(result + at + BYTES * i * channels, frame.sums + BYTES * i * sizes.width, channels)


@njit
def _attend_block(frame: Frame, rows: int, inward: int, bias: int, floor: int, count: int, sizes: Sizes) -> None:
    dim, width = sizes.dim, sizes.width
    for i in range(count):
        row = frame.sums + BYTES * i * width
        read_row(row, rows + BYTES * i * sizes.channels, sizes.channels)
        add(row, bias, width)
    for head in range(sizes.heads):
        project(frame, inward + BYTES * head * sizes.channels * 2 * dim, floor, count, sizes, 0, 1)
        mixing = frame.mixing + BYTES * head * dim * width
        add_product(frame.sums, width, frame.projected, 2 * dim, 1, mixing, width, round_up(count, ROWS), dim, width)
