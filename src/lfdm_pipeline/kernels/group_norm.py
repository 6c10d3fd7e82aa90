"""Group norm of a clip with SiLU: one pass for sums of each channel and one for the result.

A clip is a matrix (N, C) here, whose rows the threads share.
"""

from typing import Any

from numba import float32, njit

from lfdm_pipeline.kernels.rows import round_up
from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import (
    LANES,
    add_to_doubles,
    double,
    exp,
    load_first,
    number,
    prefetch,
    put,
    store_first,
    value,
)

ROWS = 8
"""Rows that are taken together: few enough for their sum in floats, and as far ahead memory is asked for.

Left to find out by itself what comes next, a processor waits for memory most of the time.
"""

DOUBLE = 8
"""Bytes of a double."""

_EPS = 1e-5


@in_threads
def sum_deviations(part: int, parts: int, sums: int, x: int, rows: int, channels: int) -> None:
    """Add up how far rows are from the first one, which keeps the digits of what is far smaller than the mean.

    Args:
        part: Which part.
        parts: Of how many.
        sums: Of each channel's deviations and of their squares: doubles (parts, 2, C rounded up to `LANES`), zeros.
        x: Shape (N, C).
        rows: N.
        channels: C.
    """
    width, end = round_up(channels, LANES), rows * (part + 1) // parts
    found = sums + DOUBLE * part * 2 * width
    for row in range(rows * part // parts, end, ROWS):
        for i in range(0, channels, LANES):
            count = channels - i
            shift = load_first(x, i, count)
            summed, squares = number(0.0), number(0.0)
            for r in range(row, min(row + ROWS, end)):
                at = r * channels + i
                prefetch(x, at + ROWS * channels)
                deviation = load_first(x, at, count) - shift
                summed += deviation
                squares += deviation * deviation
            add_to_doubles(found, i, summed)
            add_to_doubles(found, width + i, squares)


@in_threads
def form_coefficients(
    part: int,
    parts: int,
    coefficients: int,
    rstds: int,
    sums: int,
    x: int,
    weight: int,
    bias: int,
    threads: int,
    groups: int,
    rows: int,
    channels: int,
) -> None:
    """Make of each group's statistics what each of its channels is normalised and modulated with.

    Args:
        part: Which part.
        parts: Of how many.
        coefficients: Mean, scale and bias of each channel: (3, C), written.
        rstds: One over the deviation of each group: (groups), written.
        sums: What `sum_deviations` found in each thread.
        x: Shape (N, C).
        weight: Shape (C).
        bias: Shape (C).
        threads: How many sums there are.
        groups: Groups.
        rows: N.
        channels: C.
    """
    size = channels // groups
    for group in range(groups * part // parts, groups * (part + 1) // parts):
        start, end = group * size, (group + 1) * size
        mean = variance = 0.0
        for c in range(start, end):
            mean += (value(x, c) + total_of(sums, 0, c, threads, channels) / rows) / size
        for c in range(start, end):
            difference = total_of(sums, 0, c, threads, channels) / rows
            within = total_of(sums, 1, c, threads, channels) / rows - difference * difference
            variance += (within + (value(x, c) + difference - mean) ** 2) / size
        rstd = 1 / (max(variance, 0.0) + _EPS) ** 0.5
        put(rstds, group, float32(rstd))
        for c in range(start, end):
            put(coefficients, c, float32(mean))
            put(coefficients, channels + c, float32(rstd * value(weight, c)))
            put(coefficients, 2 * channels + c, value(bias, c))


@in_threads
def activate(part: int, parts: int, result: int, x: int, coefficients: int, rows: int, channels: int) -> None:
    """Normalise, modulate and activate.

    Args:
        part: Which part.
        parts: Of how many.
        result: Shape (N, C), written.
        x: Shape (N, C).
        coefficients: Mean, scale and bias of each channel: (3, C).
        rows: N.
        channels: C.
    """
    end = rows * (part + 1) // parts
    for row in range(rows * part // parts, end, ROWS):
        for i in range(0, channels, LANES):
            count = channels - i
            mean, scale = load_first(coefficients, i, count), load_first(coefficients, channels + i, count)
            bias = load_first(coefficients, 2 * channels + i, count)
            for r in range(row, min(row + ROWS, end)):
                at = r * channels + i
                prefetch(x, at + ROWS * channels)
                prefetch(result, at + ROWS * channels)
                z = (load_first(x, at, count) - mean) * scale + bias
                store_first(result, at, count, z * sigmoid(z))


@njit
def sigmoid(z: Any) -> Any:
    """Return 1 / (1 + exp(-z))."""
    return number(1.0) / (number(1.0) + exp(number(0.0) - z))


@njit
def total_of(sums: int, which: int, channel: int, threads: int, channels: int) -> float:
    """Return a channel's first or second sum, over all threads.

    Args:
        sums: Doubles (threads, 2, C rounded up to `LANES`).
        which: 0 or 1.
        channel: Which channel.
        threads: Threads.
        channels: C.
    """
    width, found = round_up(channels, LANES), 0.0
    for thread in range(threads):
        found += double(sums, (2 * thread + which) * width + channel)
    return found
