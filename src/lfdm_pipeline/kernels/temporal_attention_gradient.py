"""The gradient of attention over frames: what the forward pass computed of a position is computed again."""

from typing import NamedTuple

from numba import njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.products import add_product
from lfdm_pipeline.kernels.rows import (
    BYTES,
    add,
    fill,
    normalise_gradient,
    softmax_gradient,
    transpose,
    turn,
)
from lfdm_pipeline.kernels.temporal_attention import (
    Head,
    Sizes,
    attend_head,
    normalise_position,
    place_head,
    read_position,
    sizes_of,
    write_position,
)
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import value


class Gradients(NamedTuple):
    """Addresses of gradients of one position, of one head after the other."""

    attended: int
    """Of all heads: (rows, heads, dim)."""
    values: int
    """No gradient, but values transposed: (dim, columns)."""
    logits: int
    """(rows, columns)."""
    projected: int
    """(rows, 3, dim)."""
    end: int


@register_jitable
def _place_gradients(start: int, sizes: Sizes) -> Gradients:
    values = start + BYTES * sizes.rows * sizes.inner
    logits = values + BYTES * sizes.dim * sizes.columns
    projected = logits + BYTES * sizes.rows * sizes.columns
    return Gradients(start, values, logits, projected, projected + BYTES * sizes.rows * 3 * sizes.dim)


@njit
def _attend_head_gradient(grad: Gradients, head: Head, h: int, cos: int, sin: int, sizes: Sizes) -> None:
    """Compute the gradients of a head's logits and projections from that of what was attended."""
    frames, dim, rows, columns, inner = sizes.frames, sizes.dim, sizes.rows, sizes.columns, sizes.inner
    attended, keys, values = grad.attended + BYTES * h * dim, BYTES * dim, BYTES * 2 * dim
    fill(grad.projected, rows * 3 * dim, 0.0)
    add_product(grad.projected + values, 3 * dim, head.weights, 1, columns, attended, inner, rows, frames, dim)
    transpose(grad.values, columns, head.projected + values, 3 * dim, frames, dim)
    fill(grad.logits, rows * columns, 0.0)
    add_product(grad.logits, columns, attended, inner, 1, grad.values, columns, rows, dim, columns)
    for frame in range(frames):
        row = BYTES * frame * columns
        softmax_gradient(grad.logits + row, head.weights + row, columns)
    add_product(grad.projected, 3 * dim, grad.logits, columns, 1, head.projected + keys, 3 * dim, rows, frames, dim)
    add_product(grad.projected + keys, 3 * dim, grad.logits, 1, columns, head.projected, 3 * dim, rows, frames, dim)
    for frame in range(frames):
        query, angle = grad.projected + BYTES * frame * 3 * dim, BYTES * frame * dim
        turn(query, cos + angle, sin + angle, dim, -1.0)
        turn(query + keys, cos + angle, sin + angle, dim, -1.0)


def gradient_scratch_size(frames: int, channels: int, heads: int, dim: int) -> int:
    """Floats that a thread needs."""
    sizes = sizes_of(frames, 1, channels, heads, dim)
    ends = place_head(0, sizes).end + _place_gradients(0, sizes).end
    return ends // BYTES + (3 * sizes.width + 1) * sizes.rows


@in_threads
def attend_gradient(
    part: int,
    parts: int,
    d_clips: int,
    d_inward: int,
    d_outward: int,
    d_bias: int,
    grad: int,
    clips: int,
    inward: int,
    inward_back: int,
    outward_back: int,
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
    """Compute the gradients of `attend`.

    Args:
        part: Which part.
        parts: Of how many.
        d_clips: Shape (B, K, P, C), written.
        d_inward: Of each part, (parts, heads, C rounded up to `LANES`, 3, D), added to.
        d_outward: Of each part, (parts, heads, D, C rounded up to `LANES`), added to.
        d_bias: Of each part, (parts, heads, ...) as `bias`, added to.
        grad: Of the result, (B, K, P, C).
        clips: Shape (B, K, P, C).
        inward: As for `attend`.
        inward_back: The same transposed, (heads, 3, D, C rounded up to `LANES`).
        outward_back: Transposed, (C, heads, D).
        bias: As for `attend`.
        cos: As for `attend`.
        sin: As for `attend`.
        scratch: Shape (parts, scratch_row), zeros.
        scratch_row: `gradient_scratch_size(frames, channels, heads, dim)`.
        batch: B.
        frames: K.
        positions: P.
        channels: C.
        heads: Heads.
        dim: D, a multiple of `LANES`.
    """
    sizes = sizes_of(frames, positions, channels, heads, dim)
    rows, width, inner = sizes.rows, sizes.width, sizes.inner
    head = place_head(scratch + BYTES * part * scratch_row, sizes)
    of_head = _place_gradients(head.end, sizes)
    normed, given = of_head.end, of_head.end + BYTES * rows * width
    d_normed, rstds = given + BYTES * rows * width, given + BYTES * 2 * rows * width
    for item in range(batch * positions * part // parts, batch * positions * (part + 1) // parts):
        read_position(given, grad, sizes, item)
        read_position(normed, clips, sizes, item)
        normalise_position(normed, rstds, sizes)
        fill(d_normed, rows * width, 0.0)
        fill(head.attended, rows * inner, 0.0)
        fill(of_head.attended, rows * inner, 0.0)
        add_product(of_head.attended, inner, given, width, 1, outward_back, inner, rows, channels, inner)
        for h in range(heads):
            attend_head(head, h, normed, inward, bias, cos, sin, sizes)
            _attend_head_gradient(of_head, head, h, cos, sin, sizes)
            own = BYTES * (part * heads + h)
            add(d_bias + own * rows * sizes.columns, of_head.logits, frames * sizes.columns)
            to_head, back = d_inward + own * width * 3 * dim, inward_back + BYTES * h * 3 * dim * width
            add_product(to_head, 3 * dim, normed, 1, width, of_head.projected, 3 * dim, width, frames, 3 * dim)
            add_product(d_normed, width, of_head.projected, 3 * dim, 1, back, width, rows, 3 * dim, width)
        to_channels = d_outward + BYTES * part * inner * width
        add_product(to_channels, width, head.attended, 1, inner, given, width, inner, frames, width)
        for frame in range(frames):
            row = BYTES * frame * width
            normalise_gradient(d_normed + row, normed + row, channels, value(rstds, frame))
        add(given, d_normed, frames * width)
        write_position(d_clips, given, sizes, item)
