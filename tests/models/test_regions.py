import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.models.regions import RegionPredictor, affine_from_covariance, inverse, matmul, moments

angles = st.floats(0, math.pi)
lengths = st.floats(0.05, 1.0)


def covariance(angle: float, long: float, short: float) -> Tensor:
    c, s = math.cos(angle), math.sin(angle)
    rotation = torch.tensor([[c, -s], [s, c]], dtype=torch.float64)
    return rotation @ torch.diag(torch.tensor([long, short], dtype=torch.float64) ** 2) @ rotation.mT


@given(angles, lengths, lengths)
def test_affine_is_a_square_root_of_the_covariance(angle: float, one: float, other: float) -> None:
    covar = covariance(angle, max(one, other), min(one, other))
    affine = affine_from_covariance(covar)
    torch.testing.assert_close(affine @ affine.mT, covar, rtol=1e-3, atol=1e-6)
    columns = affine.norm(dim=0)
    assert columns[0] >= columns[1] - 1e-6
    assert torch.linalg.det(affine) < 0


@given(angles, lengths, st.floats(0.1, 0.9))
def test_affine_is_the_published_decomposition(angle: float, long: float, ratio: float) -> None:
    covar = covariance(angle, long, long * ratio)
    u, s, _ = torch.linalg.svd(covar)
    orthogonal = affine_from_covariance(covar) / s.sqrt()
    # The columns of U are free in sign; the published ones made it symmetric.
    torch.testing.assert_close(orthogonal.abs(), u.abs(), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(orthogonal, orthogonal.mT, rtol=1e-5, atol=1e-6)


@given(angles, lengths, lengths)
def test_inverse_and_product(angle: float, one: float, other: float) -> None:
    matrix = covariance(angle, one, other) + torch.tensor([[0.0, 0.1], [-0.1, 0.0]])
    torch.testing.assert_close(matmul(matrix, inverse(matrix)), torch.eye(2, dtype=torch.float64))
    torch.testing.assert_close(matmul(matrix, matrix), matrix @ matrix)


@pytest.mark.parametrize(
    "covar",
    [
        torch.zeros(2, 2),
        0.1 * torch.eye(2),
        torch.diag(torch.tensor([0.2, 0.0])),
        torch.full((2, 2), 0.3),
        torch.tensor([[0.3, 0.1], [0.1, 0.3]]),
    ],
    ids=["zero", "isotropic", "rank one along x", "rank one diagonal", "equal variances"],
)
def test_degenerate_covariances_have_finite_gradients_and_inverses(covar: Tensor) -> None:
    covar = covar.clone().requires_grad_()
    affine = affine_from_covariance(covar)
    result = inverse(affine)
    (affine.sum() + result.sum()).backward()
    assert torch.isfinite(result).all()
    assert covar.grad is not None
    assert torch.isfinite(covar.grad).all()


def test_moments_of_a_gaussian() -> None:
    axis = torch.linspace(-1, 1, 201, dtype=torch.float64)
    covar = covariance(0.4, 0.12, 0.05)
    offset = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1) - torch.tensor([0.2, -0.1])
    density = torch.exp(-0.5 * torch.einsum("hwi,ij,hwj->hw", offset, torch.linalg.inv(covar), offset))
    shift, got = moments(density / density.sum())
    torch.testing.assert_close(shift, torch.tensor([0.2, -0.1], dtype=torch.float64), rtol=1e-6, atol=1e-6)
    torch.testing.assert_close(got, covar, rtol=1e-5, atol=1e-8)


def test_moments_of_a_single_pixel() -> None:
    heatmap = torch.zeros(4, 5)
    heatmap[3, 0] = 1
    shift, covar = moments(heatmap)
    assert shift.tolist() == [-1, 1]
    assert torch.all(covar == 0)


@pytest.mark.parametrize(("pad", "size"), [(3, 16), (0, 10)])
def test_predictor_maps_are_probabilities_of_the_padded_size(pad: int, size: int) -> None:
    predictor = RegionPredictor(4, 4, 16, 3, pad=pad, temperature=0.1, scale=0.25)
    regions = predictor(torch.rand(2, 3, 64, 64))
    assert regions.heatmap.shape == (2, 4, size, size)
    torch.testing.assert_close(regions.heatmap.sum((-1, -2)), torch.ones(2, 4))
    assert regions.shift.shape == (2, 4, 2)
    assert regions.covar.shape == regions.affine.shape == (2, 4, 2, 2)
    assert regions.shift.abs().max() <= 1
