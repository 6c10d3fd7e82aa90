"""The gradients of a clip's group norm with SiLU: one pass for sums of each channel and one for the result."""

from numba import float32

from lfdm_pipeline.kernels.group_norm import DOUBLE, ROWS, sigmoid, total_of
from lfdm_pipeline.kernels.rows import round_up
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, add_to_doubles, load_first, number, prefetch, put, store_first, value


@in_threads
def sum_gradients(
    part: int,
    parts: int,
    sums: int,
    d_modulated: int,
    grad: int,
    x: int,
    coefficients: int,
    rows: int,
    channels: int,
) -> None:
    """Compute the gradient of what SiLU was given, and add it up.

    Args:
        part: Which part.
        parts: Of how many.
        sums: Of each channel's gradient and of its product with x - mean: doubles (parts, 2, C rounded up to `LANES`),
            zeros.
        d_modulated: Shape (N, C), written.
        grad: Of the result, shape (N, C).
        x: Shape (N, C).
        coefficients: Mean, scale and bias of each channel: (3, C).
        rows: N.
        channels: C.
    """
    width, end = round_up(channels, LANES), rows * (part + 1) // parts
    found = sums + DOUBLE * part * 2 * width
    for row in range(rows * part // parts, end, ROWS):
        for i in range(0, channels, LANES):
            count = channels - i
            mean, scale = load_first(coefficients, i, count), load_first(coefficients, channels + i, count)
            bias = load_first(coefficients, 2 * channels + i, count)
            summed, products = number(0.0), number(0.0)
            for r in range(row, min(row + ROWS, end)):
                at = r * channels + i
                prefetch(x, at + ROWS * channels)
                prefetch(grad, at + ROWS * channels)
                prefetch(d_modulated, at + ROWS * channels)
                deviation = load_first(x, at, count) - mean
                z = deviation * scale + bias
                share = sigmoid(z)
                d_z = load_first(grad, at, count) * (share * (number(1.0) + z * (number(1.0) - share)))
                summed += d_z
                products += d_z * deviation
                store_first(d_modulated, at, count, d_z)
            add_to_doubles(found, i, summed)
            add_to_doubles(found, width + i, products)


@in_threads
def form_gradients(
    part: int,
    parts: int,
    d_weight: int,
    d_bias: int,
    changes: int,
    sums: int,
    coefficients: int,
    rstds: int,
    threads: int,
    groups: int,
    rows: int,
    channels: int,
) -> None:
    """Make of the sums what belongs to channels, and what `undo_norm` needs.

    Args:
        part: Which part.
        parts: Of how many.
        d_weight: Shape (C), written.
        d_bias: Shape (C), written.
        changes: Mean and scale of each channel, what to subtract, and what to subtract times x - mean: (4, C),
            written.
        sums: What `sum_gradients` found in each thread.
        coefficients: Mean, scale and bias of each channel: (3, C).
        rstds: One over the deviation of each group: (groups).
        threads: How many sums there are.
        groups: Groups.
        rows: N.
        channels: C.
    """
    size = channels // groups
    for group in range(groups * part // parts, groups * (part + 1) // parts):
        start, end, rstd = group * size, (group + 1) * size, value(rstds, group)
        share = slope = 0.0
        for c in range(start, end):
            scale = value(coefficients, channels + c)
            summed, product = total_of(sums, 0, c, threads, channels), total_of(sums, 1, c, threads, channels)
            put(d_bias, c, float32(summed))
            put(d_weight, c, float32(product * rstd))
            share += summed * scale / (size * rows)
            slope += product * scale * rstd * rstd / (size * rows)
        for c in range(start, end):
            put(changes, c, value(coefficients, c))
            put(changes, channels + c, value(coefficients, channels + c))
            put(changes, 2 * channels + c, float32(share))
            put(changes, 3 * channels + c, float32(slope))


@in_threads
def undo_norm(part: int, parts: int, grad: int, x: int, changes: int, rows: int, channels: int) -> None:
    """Turn the gradient of what was normalised and modulated into that of x.

    Args:
        part: Which part.
        parts: Of how many.
        grad: Shape (N, C), changed in place.
        x: Shape (N, C).
        changes: What `form_gradients` made.
        rows: N.
        channels: C.
    """
    end = rows * (part + 1) // parts
    for row in range(rows * part // parts, end, ROWS):
        for i in range(0, channels, LANES):
            count = channels - i
            mean, scale = load_first(changes, i, count), load_first(changes, channels + i, count)
            share, slope = load_first(changes, 2 * channels + i, count), load_first(changes, 3 * channels + i, count)
            for r in range(row, min(row + ROWS, end)):
                at = r * channels + i
                prefetch(x, at + ROWS * channels)
                prefetch(grad, at + ROWS * channels)
                deviation = load_first(x, at, count) - mean
                store_first(grad, at, count, load_first(grad, at, count) * scale - share - deviation * slope)
