import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.regions import Regions, affine_from_covariance
from lfdm_pipeline.objectives.equivariance import Transform, affine_error, random_transform, shift_error
from lfdm_pipeline.objectives.randomness import Randomness


def drawn(seed: int, batch: int = 2, **options: float) -> Transform:
    return random_transform(batch, Randomness(torch.Generator().manual_seed(seed)), torch.device("cpu"), **options)


def regions(shift: Tensor, affine: Tensor) -> Regions:
    return Regions(shift, affine @ affine.mT, affine, torch.empty(0))


def random_affine(batch: int, count: int) -> Tensor:
    root = torch.rand(batch, count, 2, 2) * 0.3 + 0.2 * torch.eye(2)
    return affine_from_covariance(root @ root.mT)


def test_draws_follow_from_the_generator_alone() -> None:
    assert torch.equal(drawn(3).theta, drawn(3).theta)
    assert torch.equal(drawn(3).tps, drawn(3).tps)
    assert not torch.equal(drawn(3).theta, drawn(4).theta)


def test_spread_of_the_draws() -> None:
    transform = drawn(0, batch=4000)
    noise = transform.theta - torch.eye(2, 3)
    assert noise.std().item() == pytest.approx(0.05, rel=0.05)
    assert noise.mean().item() == pytest.approx(0, abs=0.002)
    assert transform.tps.shape == (4000, 1, 25)
    assert transform.tps.std().item() == pytest.approx(0.005, rel=0.05)


def test_without_noise_points_stay() -> None:
    transform = drawn(0, affine_std=0, thin_plate_std=0)
    points = torch.rand(2, 7, 2) * 2 - 1
    torch.testing.assert_close(transform(points), points)
    torch.testing.assert_close(transform.jacobian(points), torch.eye(2).expand(2, 7, 2, 2))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(-0.9, 0.9), st.floats(-0.9, 0.9))
def test_jacobian_is_the_derivative(seed: int, x: float, y: float) -> None:
    transform = drawn(seed, batch=1, thin_plate_std=0.05)
    transform = Transform(transform.theta.double(), transform.tps.double())
    point = torch.tensor([[[x, y]]], dtype=torch.float64)
    wanted = torch.autograd.functional.jacobian(lambda p: transform(p)[0, 0], point)[:, 0, 0]
    # The derivative of |x| is a matter of taste at the control points' own lines.
    if (point.abs() - torch.tensor([0.0, 0.5])[:, None]).abs().min() > 1e-6:
        torch.testing.assert_close(transform.jacobian(point)[0, 0], wanted)


def test_warping_reads_the_image_where_points_are_moved_to() -> None:
    transform = drawn(1, batch=1)
    ramp = identity_grid(32, 32).permute(2, 0, 1).unsqueeze(0)
    warped = transform.warp(ramp)
    # A linear image returns the coordinates it was read at; align_corners=False reads the ramp steeper by n / (n - 1).
    read = transform(identity_grid(32, 32).view(1, -1, 2)).view(32, 32, 2) * 32 / 31
    inside = slice(6, -6)
    torch.testing.assert_close(warped[0, :, inside, inside], read.permute(2, 0, 1)[:, inside, inside])


def test_warping_reflects_at_the_border() -> None:
    outside = Transform(torch.tensor([[[1.0, 0, 0.5], [0, 1, 0]]]), torch.zeros(1, 1, 25))
    torch.testing.assert_close(outside.warp(torch.ones(1, 3, 16, 16)), torch.ones(1, 3, 16, 16))


def test_regions_that_follow_have_no_error() -> None:
    transform = drawn(5)
    shift, affine = torch.rand(2, 6, 2) - 0.5, random_affine(2, 6)
    moved = regions(transform(shift), transform.jacobian(shift) @ affine)
    assert shift_error(moved, regions(shift, affine), transform).item() == pytest.approx(0, abs=1e-6)
    assert affine_error(moved, regions(shift, affine), transform).item() == pytest.approx(0, abs=1e-5)
    flipped = regions(transform(shift), -transform.jacobian(shift) @ affine)
    assert affine_error(flipped, regions(shift, affine), transform).item() == pytest.approx(0, abs=1e-5)


def test_size_of_the_errors() -> None:
    still = drawn(0, affine_std=0, thin_plate_std=0)
    shift, affine = torch.zeros(2, 3, 2), torch.eye(2).expand(2, 3, 2, 2)
    one, other = regions(shift, affine), regions(shift + torch.tensor([0.2, 0.0]), 1.5 * affine)
    assert shift_error(one, other, still).item() == pytest.approx(0.1)
    assert affine_error(one, other, still).item() == pytest.approx(0.25)
