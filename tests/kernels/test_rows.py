import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.kernels import rows
from lfdm_pipeline.kernels.vectors import LANES

length = st.integers(1, 3 * LANES)


def kept(row: Tensor) -> Tensor:
    """Copy a row as kernels keep it: zeros up to a multiple of a vector."""
    return torch.nn.functional.pad(row, (0, -len(row) % LANES))


def at(row: Tensor) -> int:
    return row.data_ptr()


@settings(deadline=None)
@given(length, st.floats(-1e3, 1e3))
def test_a_row_is_normalised_as_by_layer_norm(count: int, mean: float) -> None:
    torch.manual_seed(count)
    given_row = torch.randn(count) + mean
    row = kept(given_row)
    rstd = rows.normalise(at(row), count)
    wanted = torch.nn.functional.layer_norm(given_row.double(), (count,))
    torch.testing.assert_close(row[:count].double(), wanted, rtol=0, atol=1e-3)
    assert rstd == pytest.approx(float(given_row.double().var(correction=0) + 1e-5) ** -0.5, rel=1e-3)
    assert not row[count:].any()


@settings(deadline=None)
@given(length)
def test_the_gradient_of_a_normalised_row(count: int) -> None:
    torch.manual_seed(count)
    given_row, grad = torch.randn(count, dtype=torch.double, requires_grad=True), torch.randn(count)
    (wanted,) = torch.autograd.grad(torch.nn.functional.layer_norm(given_row, (count,)), given_row, grad.double())
    row, d_row = kept(given_row.detach().float()), kept(grad)
    rows.normalise_gradient(at(d_row), at(row), count, rows.normalise(at(row), count))
    torch.testing.assert_close(d_row[:count].double(), wanted, rtol=1e-3, atol=1e-3)


@settings(deadline=None)
@given(st.integers(1, 3), st.floats(0, 80))
def test_softmax_and_its_gradient(vectors: int, spread: float) -> None:
    torch.manual_seed(vectors)
    logits = (spread * torch.randn(vectors * LANES)).double().requires_grad_()
    grad = torch.randn(len(logits))
    weights = logits.softmax(0)
    (wanted,) = torch.autograd.grad(weights, logits, grad.double())
    found = logits.detach().float()
    rows.softmax(at(found), len(found))
    torch.testing.assert_close(found.double(), weights.detach(), rtol=1e-4, atol=1e-7)
    rows.softmax_gradient(at(grad), at(found), len(found))
    torch.testing.assert_close(grad.double(), wanted, rtol=1e-3, atol=1e-5)


def test_a_row_that_is_not_a_number_stays_so() -> None:
    row = torch.zeros(LANES)
    row[3] = math.nan
    rows.softmax(at(row), LANES)
    assert row.isnan().any()


def test_pairs_turned_there_and_back_are_the_same() -> None:
    torch.manual_seed(0)
    pairs, angle = torch.randn(LANES), torch.randn(LANES // 2)
    turned = torch.view_as_complex(pairs.view(-1, 2)) * torch.polar(torch.ones_like(angle), angle)
    cos, sin = (
        angle.cos().repeat_interleave(2),
        angle.sin().repeat_interleave(2) * torch.tensor([-1.0, 1]).repeat(LANES // 2),
    )
    found = pairs.clone()
    rows.turn(at(found), at(cos), at(sin), LANES, 1.0)
    torch.testing.assert_close(found, torch.view_as_real(turned).flatten())
    rows.turn(at(found), at(cos), at(sin), LANES, -1.0)
    torch.testing.assert_close(found, pairs)


@settings(deadline=None)
@given(length, length)
def test_a_transpose(height: int, width: int) -> None:
    matrix, found = torch.randn(height, width), torch.empty(width, height)
    rows.transpose(at(found), height, at(matrix), width, height, width)
    assert torch.equal(found, matrix.T)


@settings(deadline=None)
@given(length)
def test_a_row_of_any_length_is_read_and_written(count: int) -> None:
    given_row, row = torch.randn(count + 2), torch.full((math.ceil(count / LANES) * LANES,), math.nan)
    rows.read_row(at(row), at(given_row), count)
    assert torch.equal(row, kept(given_row[:count]))
    written = torch.zeros(count + 2)
    rows.write_row(at(written), at(row), count)
    assert torch.equal(written, torch.cat([given_row[:count], torch.zeros(2)]))
