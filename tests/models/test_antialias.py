import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lfdm_pipeline.models.antialias import AntiAlias, AntiAliasPyramid


def blurred_and_subsampled(image: Tensor, scale: float) -> Tensor:
    """The definition: a 2D Gaussian, zero padded, then every (1/scale)-th pixel from index 0."""
    step = round(1 / scale)
    sigma = (step - 1) / 2
    radius = round(4 * sigma)
    axis = torch.tensor([math.exp(-(x**2) / (2 * sigma**2)) for x in range(-radius, radius + 1)])
    kernel = torch.outer(axis, axis)
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1, -1)
    return F.conv2d(image, kernel, padding=radius, groups=image.shape[1])[:, :, ::step, ::step]


@pytest.mark.parametrize("scale", [0.5, 0.25, 0.125])
@pytest.mark.parametrize("size", [(32, 32), (24, 48)])
def test_equals_the_two_dimensional_gaussian(scale: float, size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size)
    torch.testing.assert_close(AntiAlias(scale)(image), blurred_and_subsampled(image, scale))


def test_layout_does_not_matter() -> None:
    image = torch.rand(2, 3, 16, 16)
    strided = image.contiguous(memory_format=torch.channels_last)
    assert torch.equal(AntiAlias(0.25)(strided), AntiAlias(0.25)(image))


def test_constant_stays_constant_away_from_the_border() -> None:
    shrunk = AntiAlias(0.25)(torch.full((1, 1, 64, 64), 0.7))
    torch.testing.assert_close(shrunk[..., 2:-2, 2:-2], torch.full((1, 1, 12, 12), 0.7))


def test_scale_one_is_the_identity() -> None:
    image = torch.rand(1, 3, 8, 8)
    assert torch.equal(AntiAlias(1.0)(image), image)


def test_pyramid_sizes() -> None:
    levels = AntiAliasPyramid((1.0, 0.5, 0.25))(torch.rand(1, 3, 32, 16))
    assert [tuple(level.shape[2:]) for level in levels] == [(32, 16), (16, 8), (8, 4)]
