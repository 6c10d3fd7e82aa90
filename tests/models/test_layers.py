from unittest.mock import patch

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lfdm_pipeline.models import convolution
from lfdm_pipeline.models.convolution import Conv3x3
from lfdm_pipeline.models.layers import (
    DownBlock,
    ResBlock,
    SameBlock,
    UpBlock,
    channels_last,
    convolve_to_image,
    gradient_channels_last,
    lay_out_channels_last,
    upsample_convolve,
)


def test_blocks_change_the_resolution_as_named() -> None:
    x = torch.randn(2, 3, 8, 12)
    assert SameBlock(3, 5, kernel_size=7)(x).shape == (2, 5, 8, 12)
    assert DownBlock(3, 5)(x).shape == (2, 5, 4, 6)
    assert UpBlock(3, 5)(x).shape == (2, 5, 16, 24)
    assert ResBlock(3)(x).shape == x.shape


def test_res_block_without_residual_is_the_identity() -> None:
    block = ResBlock(4)
    nn.init.zeros_(block.conv2.weight)
    nn.init.zeros_(block.conv2.bias)
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), x)


@pytest.mark.parametrize("size", [(2, 8, 6), (1, 40, 30)], ids=["small", "worth a kernel"])
def test_upsample_convolve_equals_the_two_steps(size: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    batch, height, width = size
    conv = nn.Conv2d(5, 7, 3, padding=1)
    x = torch.randn(batch, 5, height, width, requires_grad=True)
    wanted = conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
    weights = torch.randn_like(wanted)
    inputs = (x, conv.weight, conv.bias)
    gradients = torch.autograd.grad((wanted * weights).sum(), inputs)
    got = upsample_convolve(x, conv)
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)
    for fast, plain in zip(torch.autograd.grad((got * weights).sum(), inputs), gradients, strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-3)


def test_many_channels_are_upsampled_and_convolved_by_winograd() -> None:
    torch.manual_seed(0)
    conv, x = Conv3x3(96, 96), channels_last(torch.randn(1, 96, 40, 32))
    wanted = F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), conv.weight, conv.bias, padding=1)
    with patch.object(convolution, "winograd_convolve", side_effect=convolution.winograd_convolve) as spy:
        found = upsample_convolve(x, conv)
    assert spy.called
    assert (found - wanted).norm() < 1e-5 * wanted.norm()


@pytest.mark.parametrize("width", [16, 18], ids=["by columns", "plain"])
def test_convolve_to_image_equals_the_convolution(width: int) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(5, 3, 7, padding=3)
    x = channels_last(torch.randn(2, 5, 9, width)).requires_grad_()
    wanted = conv(x)
    weights = torch.randn_like(wanted)
    inputs = (x, conv.weight, conv.bias)
    gradients = torch.autograd.grad((wanted * weights).sum(), inputs)
    got = convolve_to_image(x, conv)
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)
    for fast, plain in zip(torch.autograd.grad((got * weights).sum(), inputs), gradients, strict=True):
        torch.testing.assert_close(fast, plain, rtol=1e-4, atol=1e-3)


def test_channels_last_keeps_values_and_spreads_through_a_network() -> None:
    network = nn.Sequential(SameBlock(3, 8), DownBlock(8, 16), UpBlock(16, 8))
    x = torch.randn(2, 3, 8, 8)
    wanted = network(x)
    lay_out_channels_last(network)
    got = network(channels_last(x))
    assert got.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(got, wanted, rtol=1e-5, atol=1e-5)


def test_gradient_comes_back_channels_last() -> None:
    x = channels_last(torch.randn(2, 3, 4, 4)).requires_grad_()
    weights = torch.randn(2, 3, 4, 4)
    (gradient_channels_last(x) * 1.0).backward(weights)
    assert x.grad is not None
    assert torch.equal(x.grad, weights)
    assert x.grad.is_contiguous(memory_format=torch.channels_last)
