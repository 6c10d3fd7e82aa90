import pytest
import torch

from lfdm_pipeline.models.regions import Regions, affine_from_covariance, moments
from lfdm_pipeline.objectives.locality import concentration, crowding


def regions(heatmap: torch.Tensor) -> Regions:
    shift, covar = moments(heatmap)
    return Regions(shift, covar, affine_from_covariance(covar), heatmap)


def at(positions: list[tuple[int, int]], size: int = 9) -> Regions:
    heatmap = torch.zeros(1, len(positions), size, size)
    for k, (row, column) in enumerate(positions):
        heatmap[0, k, row, column] = 1
    return regions(heatmap)


def test_a_point_has_no_extent_and_a_flat_map_that_of_the_picture():
    assert concentration(at([(2, 3)])) == pytest.approx(0, abs=1e-6)
    flat = regions(torch.full((1, 1, 101, 101), 1 / 101**2))
    # A uniform distribution on [-1, 1] has variance 1/3 along each axis.
    assert concentration(flat) == pytest.approx(2 / 3, rel=0.03)


def test_crowding_counts_the_others_in_the_same_place():
    assert crowding(at([(4, 4), (4, 4), (4, 4)]), 0.1) == pytest.approx(2, abs=1e-5)
    assert crowding(at([(0, 0), (0, 8), (8, 0)]), 0.1) == pytest.approx(0, abs=1e-5)


def test_crowding_falls_with_distance_as_a_gaussian():
    # Columns 4 and 5 of nine are a quarter apart; with that as standard deviation: exp(-1/2), seen from both sides.
    assert crowding(at([(4, 4), (4, 5)]), 0.25) == pytest.approx(torch.exp(torch.tensor(-0.5)).item(), rel=1e-5)
