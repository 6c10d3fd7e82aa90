from collections.abc import Callable
from contextlib import ExitStack
from unittest.mock import patch

import pytest
import torch
import torch.nn.functional as F

from lfdm_pipeline.models import convolution
from lfdm_pipeline.models.convolution import Conv3x3

SHAPES = {  # batch, channels in, channels out, height, width, and how it is computed
    "few channels": (2, 3, 8, 16, 16, "direct"),
    "a few pixels": (2, 256, 512, 2, 3, "_convolve_as_product"),
    "many channels": (8, 128, 128, 32, 16, "winograd_convolve"),
    "too little of it to pay off": (1, 96, 96, 12, 16, "direct"),
    "too few channels to pay off": (8, 32, 32, 32, 32, "direct"),
    "no multiple of a tile": (8, 128, 128, 34, 16, "direct"),
}


def inputs(shape: tuple[int, int, int, int, int]) -> tuple[Conv3x3, torch.Tensor]:
    torch.manual_seed(0)
    batch, c_in, c_out, height, width = shape
    images = torch.randn(batch, c_in, height, width).contiguous(memory_format=torch.channels_last)
    return Conv3x3(c_in, c_out), images.requires_grad_()


def ways_taken(compute: Callable[[], object]) -> list[str]:
    with ExitStack() as patches:
        spies = {
            name: patches.enter_context(patch.object(convolution, name, side_effect=getattr(convolution, name)))
            for name in ("_convolve_as_product", "winograd_convolve")
        }
        compute()
    return [name for name, spy in spies.items() if spy.called]


@pytest.mark.parametrize("name", SHAPES)
def test_every_way_is_the_convolution(name: str) -> None:
    *shape, way = SHAPES[name]
    conv, images = inputs(tuple(shape))
    variables = (images, conv.weight, conv.bias)
    wanted = F.conv2d(images, conv.weight, conv.bias, padding=1)
    weights = torch.randn_like(wanted)
    gradients = torch.autograd.grad((wanted * weights).sum(), variables)
    assert ways_taken(lambda: conv(images)) == ([] if way == "direct" else [way])
    found = conv(images)
    found_gradients = torch.autograd.grad((found * weights).sum(), variables)
    for ours, plain in zip((found, *found_gradients), (wanted, *gradients), strict=True):
        assert (ours - plain).norm() < 1e-5 * plain.norm()


@pytest.mark.parametrize("name", SHAPES)
def test_other_precisions_are_left_to_torch(name: str) -> None:
    conv, images = inputs(SHAPES[name][:5])

    def in_half_precision() -> torch.Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return conv(images)

    assert ways_taken(in_half_precision) == []
    assert in_half_precision().dtype == torch.bfloat16
    assert ways_taken(lambda: conv.double()(images.double())) == []


def test_compiled_code_is_left_to_the_compiler() -> None:
    conv, images = inputs(SHAPES["many channels"][:5])
    with patch("torch.compiler.is_compiling", return_value=True):
        assert ways_taken(lambda: conv(images)) == []
