"""The gradient of linear attention: what the forward pass computed of a frame is computed again."""

from typing import NamedTuple

from numba import njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.linear_attention import (
    BLOCK,
    Frame,
    Sizes,
    form_context,
    gather_block,
    mix,
    normalise_block,
    place_frame,
    project,
    sizes_of,
    start_gathering,
)
from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.rows import (
    BYTES,
    add,
    dot,
    fill,
    normalise_gradient,
    read_row,
    round_up,
    softmax_gradient,
    transpose,
    write_row,
)
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, exp, load, put, store, value


class Gradients(NamedTuple):
    """Addresses of what the gradient of one frame needs beside the frame's own."""

    given: int
    """Rows of the result's gradient: (BLOCK, width)."""
    normed: int
    """(BLOCK, width)."""
    projected: int
    """(BLOCK, 2, dim)."""
    context: int
    """Of a head: (dim, dim)."""
    shares: int
    """What each key's logits have in common: (heads, dim)."""
    mixing: int
    """(heads, dim, width)."""
    gathered: int
    """(heads, dim, width)."""
    mixing_back: int
    """No gradient, but `Frame.mixing` transposed: (heads, width, dim)."""
    gathered_back: int
    """The same of `gathered`: (heads, width, dim)."""
    end: int


class Weights(NamedTuple):
    """Addresses of weights: as for `attend`, and transposed."""

    inward: int
    inward_back: int
    to_value: int
    value_back: int
    outward: int
    outward_back: int
    floor: int


@register_jitable
def _place_gradients(start: int, sizes: Sizes) -> Gradients:
    block, inner = BYTES * BLOCK * sizes.width, BYTES * sizes.heads * sizes.dim
    projected = start + 2 * block
    context = projected + BYTES * BLOCK * 2 * sizes.dim
    shares = context + BYTES * sizes.dim * sizes.dim
    mixing = shares + inner
    step = inner * sizes.width
    return Gradients(
        start,
        start + block,
        projected,
        context,
        shares,
        mixing,
        mixing + step,
        mixing + 2 * step,
        mixing + 3 * step,
        mixing + 4 * step,
    )


@njit
def _read_block(grad: Gradients, rows: int, count: int, sizes: Sizes) -> None:
    for i in range(count):
        read_row(grad.given + BYTES * i * sizes.width, rows + BYTES * i * sizes.channels, sizes.channels)


@njit
def _gather_gradients(grad: Gradients, frame: Frame, weights: Weights, count: int, sizes: Sizes) -> None:
    """Gather rows once more, and the gradients of rows by queries."""
    dim, width = sizes.dim, sizes.width
    for head in range(sizes.heads):
        project(frame, weights.inward + BYTES * head * sizes.channels * 2 * dim, weights.floor, count, sizes, 0, 2)
        gather_block(frame, head, count, sizes)
        mixing = grad.mixing + BYTES * head * dim * width
        add_product(mixing, width, frame.projected, 1, 2 * dim, grad.given, width, dim, count, width)


@njit
def _unmix(
    grad: Gradients, frame: Frame, weights: Weights, d_value: int, d_outward: int, head: int, sizes: Sizes
) -> None:
    """Compute a head's gradient of what was gathered, and of the weights that made `mixing` of it."""
    dim, width, channels = sizes.dim, sizes.width, sizes.channels
    at, rows = BYTES * head * dim * width, BYTES * head * channels * dim
    form_context(frame, head, weights.to_value, sizes)
    add_product(d_outward + at, width, frame.context, 1, dim, grad.mixing + at, width, dim, dim, width)
    fill(grad.context, dim * dim, 0.0)
    add_product(grad.context, dim, grad.mixing + at, width, 1, weights.outward_back + rows, dim, dim, channels, dim)
    add_product(d_value + at, dim, frame.gathered + at, 1, width, grad.context, dim, width, dim, dim)
    add_product(grad.gathered + at, width, grad.context, dim, 1, weights.value_back + at, width, dim, dim, width)
    for d in range(dim):
        row = at + BYTES * d * width
        put(grad.shares, head * dim + d, dot(frame.gathered + row, grad.gathered + row, width))
    transpose(grad.mixing_back + at, dim, frame.mixing + at, width, dim, width)
    transpose(grad.gathered_back + at, dim, grad.gathered + at, width, dim, width)


@njit
def _weigh_keys(frame: Frame, head: int, count: int, dim: int) -> None:
    """Turn logits of keys into weights, whose sum over a frame is known."""
    keys, at = frame.projected + BYTES * dim, head * dim
    for j in range(0, dim, LANES):
        peak, summed = load(frame.peaks, at + j), load(frame.summed, at + j)
        for i in range(count):
            store(keys, i * 2 * dim + j, exp(load(keys, i * 2 * dim + j) - peak) / summed)


@njit
def _keys_gradient(grad: Gradients, frame: Frame, head: int, count: int, dim: int) -> None:
    """Turn the gradient of keys' weights into that of their logits."""
    for j in range(0, dim, LANES):
        share = load(grad.shares, head * dim + j)
        for i in range(count):
            at = (i * 2 + 1) * dim + j
            store(grad.projected, at, (load(grad.projected, at) - share) * load(frame.projected, at))


@njit
def _head_gradient(
    grad: Gradients, frame: Frame, weights: Weights, d_inward: int, head: int, count: int, sizes: Sizes
) -> None:
    """Add a head's part of the gradients of a block's normalised rows and of projections."""
    dim, width, channels = sizes.dim, sizes.width, sizes.channels
    at, rows, step = BYTES * head * dim * width, round_up(count, ROWS), 2 * dim
    keys, d_keys = frame.projected + BYTES * dim, grad.projected + BYTES * dim
    project(frame, weights.inward + BYTES * head * channels * step, weights.floor, count, sizes, 0, 2)
    _weigh_keys(frame, head, count, dim)
    fill(grad.projected, BLOCK * step, 0.0)
    add_product(grad.projected, step, grad.given, width, 1, grad.mixing_back + at, dim, rows, channels, dim)
    add_product(d_keys, step, frame.normed, width, 1, grad.gathered_back + at, dim, rows, channels, dim)
    for i in range(count):
        softmax_gradient(grad.projected + BYTES * i * step, frame.projected + BYTES * i * step, dim)
    _keys_gradient(grad, frame, head, count, dim)
    add_product(grad.normed, width, grad.projected, step, 1, weights.inward_back + 2 * at, width, rows, step, width)
    add_product(grad.normed, width, keys, step, 1, grad.gathered + at, width, rows, dim, width)
    add_product(d_inward + 2 * at, step, frame.normed, 1, width, grad.projected, step, width, count, step)


@njit
def _write_gradient(grad: Gradients, frame: Frame, d_rows: int, count: int, sizes: Sizes) -> None:
    for i in range(count):
        row = BYTES * i * sizes.width
        normalise_gradient(grad.normed + row, frame.normed + row, sizes.channels, value(frame.rstds, i))
        add(grad.normed + row, grad.given + row, sizes.width)
        write_row(d_rows + BYTES * i * sizes.channels, grad.normed + row, sizes.channels)


def gradient_scratch_size(channels: int, heads: int, dim: int) -> int:
    """Floats that a thread needs."""
    sizes = sizes_of(0, channels, heads, dim)
    return (place_frame(0, sizes).end + _place_gradients(0, sizes).end) // BYTES


@in_threads
def attend_gradient(
    part: int,
    parts: int,
    d_frames: int,
    d_inward: int,
    d_value: int,
    d_outward: int,
    grad: int,
    frames: int,
    inward: int,
    inward_back: int,
    to_value: int,
    value_back: int,
    outward: int,
    outward_back: int,
    floor: int,
    scratch: int,
    scratch_row: int,
    count: int,
    rows: int,
    channels: int,
    heads: int,
    dim: int,
) -> None:
    """Compute the gradients of `attend`, where width is C rounded up to `LANES`.

    Args:
        part: Which part.
        parts: Of how many.
        d_frames: Shape (F, N, C), written.
        d_inward: Of each part, (parts, heads, width, 2, D), added to.
        d_value: Of each part, (parts, heads, width, D), added to.
        d_outward: Of each part, (parts, heads, D, width), added to.
        grad: Of the result, (F, N, C).
        frames: Shape (F, N, C).
        inward: As for `attend`.
        inward_back: The same transposed, (heads, 2, D, width).
        to_value: As for `attend`.
        value_back: The same transposed, (heads, D, width).
        outward: As for `attend`.
        outward_back: The same transposed, (heads, C, D).
        floor: As for `attend`.
        scratch: Shape (parts, scratch_row), zeros.
        scratch_row: `gradient_scratch_size(channels, heads, dim)`.
        count: F.
        rows: N.
        channels: C.
        heads: Heads.
        dim: D, a multiple of `LANES`.
    """
    sizes = sizes_of(rows, channels, heads, dim)
    weights = Weights(inward, inward_back, to_value, value_back, outward, outward_back, floor)
    frame = place_frame(scratch + BYTES * part * scratch_row, sizes)
    of_frame = _place_gradients(frame.end, sizes)
    own = BYTES * part * heads * dim * sizes.width
    for f in range(count * part // parts, count * (part + 1) // parts):
        start_gathering(frame, sizes)
        fill(of_frame.mixing, 2 * heads * dim * sizes.width, 0.0)
        for start in range(0, rows, BLOCK):
            length, at = min(BLOCK, rows - start), BYTES * (f * rows + start) * channels
            normalise_block(frame, frames + at, length, sizes)
            _read_block(of_frame, grad + at, length, sizes)
            _gather_gradients(of_frame, frame, weights, length, sizes)
        mix(frame, to_value, outward, sizes)
        for head in range(heads):
            _unmix(of_frame, frame, weights, d_value + own, d_outward + own, head, sizes)
        for start in range(0, rows, BLOCK):
            length, at = min(BLOCK, rows - start), BYTES * (f * rows + start) * channels
            normalise_block(frame, frames + at, length, sizes)
            _read_block(of_frame, grad + at, length, sizes)
            fill(of_frame.normed, BLOCK * sizes.width, 0.0)
            for head in range(heads):
                _head_gradient(of_frame, frame, weights, d_inward + 2 * own, head, length, sizes)
            _write_gradient(of_frame, frame, d_frames + at, length, sizes)
