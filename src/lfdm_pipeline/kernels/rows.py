"""What is done with the rows of matrices that lie in a core's cache, and its gradients.

Rows are kept in multiples of `LANES` floats; what lies beyond their end is zero.
"""

from math import sqrt

from numba import float32, njit
from numba.extending import register_jitable

from lfdm_pipeline.kernels.vectors import (
    LANES,
    exp,
    largest,
    load,
    load_first,
    number,
    put,
    spread,
    store,
    store_first,
    swap_pairs,
    total,
    value,
)

BYTES = 4
_EPS = 1e-5


@register_jitable
def round_up(count: int, multiple: int) -> int:
    """Return the least multiple that is not less."""
    return (count + multiple - 1) // multiple * multiple


@njit
def fill(matrix: int, count: int, with_value: float) -> None:
    """Set floats, a multiple of `LANES` of them."""
    for i in range(0, count, LANES):
        store(matrix, i, number(with_value))


@njit
def copy(found: int, given: int, count: int) -> None:
    """Copy floats, a multiple of `LANES` of them."""
    for i in range(0, count, LANES):
        store(found, i, load(given, i))


@njit
def add(sums: int, given: int, count: int) -> None:
    """Add floats, a multiple of `LANES` of them."""
    for i in range(0, count, LANES):
        store(sums, i, load(sums, i) + load(given, i))


@njit
def scale(row: int, factor: float, count: int) -> None:
    """Multiply floats, a multiple of `LANES` of them."""
    for i in range(0, count, LANES):
        store(row, i, load(row, i) * spread(float32(factor)))


@njit
def dot(a: int, b: int, count: int) -> float:
    """Return the sum of products of floats, a multiple of `LANES` of them."""
    product = number(0.0)
    for i in range(0, count, LANES):
        product += load(a, i) * load(b, i)
    return total(product)


@njit
def read_row(found: int, given: int, length: int) -> None:
    """Copy a row of any length to a kept one."""
    for i in range(0, length, LANES):
        store(found, i, load_first(given, i, length - i))


@njit
def write_row(found: int, given: int, length: int) -> None:
    """Copy a kept row to one of any length."""
    for i in range(0, length, LANES):
        store_first(found, i, length - i, load(given, i))


@njit
def transpose(found: int, found_row: int, given: int, given_row: int, rows: int, columns: int) -> None:
    """Copy a matrix (rows, columns) to its transpose; `*_row` are the floats from a row to the next."""
    for i in range(rows):
        for j in range(columns):
            put(found, j * found_row + i, value(given, i * given_row + j))


@njit
def normalise(row: int, length: int) -> float:
    """Bring a kept row to mean 0 and deviation 1; return what its deviation was divided by."""
    summed = number(0.0)
    for i in range(0, length, LANES):
        summed += load(row, i)
    mean = spread(total(summed) / float32(length))
    for i in range(0, length, LANES):
        store_first(row, i, length - i, load(row, i) - mean)
    variance = dot(row, row, length) / float32(length)
    rstd = float32(1.0) / float32(sqrt(variance + float32(_EPS)))
    scale(row, rstd, length)
    return rstd


@njit
def normalise_gradient(grad: int, row: int, length: int, rstd: float) -> None:
    """Turn the gradient of a normalised row into that of what it was."""
    summed = number(0.0)
    for i in range(0, length, LANES):
        summed += load(grad, i)
    mean, share = spread(total(summed) / float32(length)), spread(dot(grad, row, length) / float32(length))
    for i in range(0, length, LANES):
        store(grad, i, (load(grad, i) - mean - load(row, i) * share) * spread(rstd))


@njit
def softmax(row: int, length: int) -> None:
    """Turn logits, a multiple of `LANES` of them, into weights."""
    peaks = load(row, 0)
    peak = largest(peaks)
    for i in range(LANES, length, LANES):
        peak = max(peak, largest(load(row, i)))
    shift, summed = spread(peak), number(0.0)
    for i in range(0, length, LANES):
        weight = exp(load(row, i) - shift)
        store(row, i, weight)
        summed += weight
    share = spread(float32(1.0) / total(summed))
    for i in range(0, length, LANES):
        store(row, i, load(row, i) * share)


@njit
def softmax_gradient(grad: int, weights: int, length: int) -> None:
    """Turn the gradient of weights into that of logits."""
    mean = spread(dot(grad, weights, length))
    for i in range(0, length, LANES):
        store(grad, i, (load(grad, i) - mean) * load(weights, i))


@njit
def turn(row: int, cos: int, sin: int, length: int, way: float) -> None:
    """Turn the pairs of a kept row by angles, or back where the way is -1.

    Args:
        row: Address.
        cos: Of each pair's angle, twice.
        sin: The same, the first of each two negative.
        length: Floats.
        way: 1 or -1.
    """
    for i in range(0, length, LANES):
        pairs = load(row, i)
        store(row, i, pairs * load(cos, i) + swap_pairs(pairs) * (load(sin, i) * number(way)))
