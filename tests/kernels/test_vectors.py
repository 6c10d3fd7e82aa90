import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from torch import Tensor

from lfdm_pipeline.kernels.vectors import LANES, add_to_doubles, exp, largest, load, store, total


@njit
def _exp(found: int, given_row: int) -> None:
    store(found, 0, exp(load(given_row, 0)))


@njit
def _fold(row: int) -> tuple[float, float]:
    return total(load(row, 0)), largest(load(row, 0))


@njit
def _accumulate(sums: int, row: int) -> None:
    add_to_doubles(sums, 0, load(row, 0))


def exponential(x: Tensor) -> Tensor:
    found = torch.empty_like(x)
    _exp(found.data_ptr(), x.data_ptr())
    return found


@settings(deadline=None)
@given(st.lists(st.floats(-87, 88, width=32), min_size=LANES, max_size=LANES))
def test_the_exponential_is_exact_to_two_units_in_the_last_place(numbers: list[float]) -> None:
    x = torch.tensor(numbers)
    torch.testing.assert_close(exponential(x).double(), x.double().exp(), rtol=2.0**-22, atol=0)


def test_the_exponential_ends_in_time_and_lets_through_what_is_not_a_number() -> None:
    found = exponential(torch.tensor([-math.inf, -1e30, math.inf, math.nan] * (LANES // 4)))
    assert found[:2].max() < 1e-37
    assert found[2] > 1e38
    assert found[3].isnan()


@settings(deadline=None)
@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=LANES, max_size=LANES))
def test_folding_a_vector(numbers: list[float]) -> None:
    x = torch.tensor(numbers)
    summed, most = _fold(x.data_ptr())
    assert math.isclose(summed, x.double().sum(), abs_tol=1e-2)
    assert most == x.max()


def test_sums_in_doubles_keep_what_floats_lose() -> None:
    sums, small = torch.full((LANES,), 1e9, dtype=torch.double), torch.full((LANES,), 0.25)
    for _ in range(4):
        _accumulate(sums.data_ptr(), small.data_ptr())
    assert sums.tolist() == [1e9 + 1] * LANES
