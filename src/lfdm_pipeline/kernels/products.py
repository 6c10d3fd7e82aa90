"""Products of matrices that lie in a core's cache, by tiles whose sums stay in registers."""

from typing import Any

import torch
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils

from lfdm_pipeline.kernels.vectors import LANES, instruction, multiply_add, read, read_spread, write

ROWS = 8 if torch.backends.cpu.get_cpu_capability() == "AVX512" else 4
"""Rows of a tile: with two vectors of columns its sums fill half of the registers, and multipliers never wait."""


def _tile(vectors: int) -> Any:
    """Make what adds a (ROWS, depth) times b (depth, vectors) to c."""

    @instruction(types.void, *[types.int64] * 8)
    def emit(builder: Any, c: Any, c_row: Any, a: Any, a_row: Any, a_step: Any, b: Any, b_row: Any, depth: Any) -> None:
        places = [(r, v, _offset(builder, c_row, r, v)) for r in range(ROWS) for v in range(vectors)]
        sums = {(r, v): cgutils.alloca_once_value(builder, read(builder, c, at)) for r, v, at in places}
        with cgutils.for_range(builder, depth) as loop:
            first = builder.mul(loop.index, b_row)
            columns = [read(builder, b, builder.add(first, ir.IntType(64)(v * LANES))) for v in range(vectors)]
            step = builder.mul(loop.index, a_step)
            for r in range(ROWS):
                factor = read_spread(builder, a, builder.add(step, _offset(builder, a_row, r)))
                for v, column in enumerate(columns):
                    total = sums[r, v]
                    builder.store(multiply_add(builder, factor, column, builder.load(total)), total)
        for r, v, at in places:
            write(builder, c, at, builder.load(sums[r, v]))

    return emit


def _offset(builder: Any, row: Any, r: int, v: int = 0) -> Any:
    return builder.add(builder.mul(row, ir.IntType(64)(r)), ir.IntType(64)(v * LANES))


_one, _two = _tile(1), _tile(2)


@njit
def add_product(
    c: int, c_row: int, a: int, a_row: int, a_step: int, b: int, b_row: int, rows: int, depth: int, columns: int
) -> None:
    """Add the product of a (rows, depth) and b (depth, columns) to c (rows, columns).

    Args:
        c: Address.
        c_row: Floats from a row to the next.
        a: Address.
        a_row: Floats from a row to the next.
        a_step: Floats from a column to the next: 1, or for a transposed matrix the length of its rows.
        b: Address.
        b_row: Floats from a row to the next.
        rows: A multiple of `ROWS`.
        depth: What is summed over.
        columns: A multiple of `LANES`.
    """
    pairs = columns // (2 * LANES) * (2 * LANES)
    for j in range(0, pairs, 2 * LANES):
        for i in range(0, rows, ROWS):
            _two(c + 4 * (i * c_row + j), c_row, a + 4 * i * a_row, a_row, a_step, b + 4 * j, b_row, depth)
    if pairs < columns:
        for i in range(0, rows, ROWS):
            _one(c + 4 * (i * c_row + pairs), c_row, a + 4 * i * a_row, a_row, a_step, b + 4 * pairs, b_row, depth)
