from collections.abc import Callable, Iterator

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.models import winograd
from lfdm_pipeline.models.winograd import TILE, winograd_convolve

few = st.integers(1, 4)
channels = st.integers(1, 9) | st.sampled_from([16, 33, 48, 70, 130])
layouts = st.sampled_from([torch.contiguous_format, torch.channels_last])


def relative_error(found: Tensor, wanted: Tensor) -> float:
    return float(((found - wanted).norm() / wanted.norm()).detach())


@settings(deadline=None, max_examples=40)
@given(few, few, few, channels, channels, st.booleans(), layouts, layouts, st.sampled_from([1, 64, 1 << 16]))
def test_it_is_the_convolution_and_has_its_gradients(
    batch: int,
    rows: int,
    columns: int,
    c_in: int,
    c_out: int,
    with_bias: bool,
    layout: torch.memory_format,
    layout_of_weight: torch.memory_format,
    chunk: int,
) -> None:
    torch.manual_seed(0)
    x = torch.randn(batch, c_in, TILE * rows, TILE * columns).contiguous(memory_format=layout).requires_grad_()
    weight = torch.randn(c_out, c_in, 3, 3).contiguous(memory_format=layout_of_weight).requires_grad_()
    inputs = [x, weight, *([torch.randn(c_out, requires_grad=True)] if with_bias else [])]
    bias = inputs[2] if with_bias else None
    exact = [tensor.detach().double().requires_grad_() for tensor in inputs]
    wanted = F.conv2d(*exact, padding=1)
    weights = torch.randn(wanted.shape)
    gradients = torch.autograd.grad((wanted * weights).sum(), exact)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "_CHUNK", chunk)
        found = winograd_convolve(x, weight, bias)
        assert relative_error(found, wanted) < 1e-5
        for ours, plain in zip(torch.autograd.grad((found * weights).sum(), inputs), gradients, strict=True):
            assert relative_error(ours, plain) < 1e-5


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    """What sets how many threads there are, until the test ends."""
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("tiles", [1, 19])
def test_any_number_of_threads_finds_the_same(threads: Callable[[int], None], tiles: int) -> None:
    torch.manual_seed(0)
    x, weight = (
        torch.randn(1, 70, TILE, TILE * tiles, requires_grad=True),
        torch.randn(40, 70, 3, 3, requires_grad=True),
    )
    found = []
    for number in (1, 2, 5):
        threads(number)
        result = winograd_convolve(x, weight, None)
        found.append((result, *torch.autograd.grad(result.square().sum(), (x, weight))))
    for other in found[1:]:
        assert all(map(torch.equal, found[0], other))


def test_more_tiles_are_summed_than_at_once() -> None:
    torch.manual_seed(0)
    x, weight = torch.randn(1, 3, 13 * TILE, 23 * TILE, requires_grad=True), torch.randn(5, 3, 3, 3, requires_grad=True)
    exact = x.detach().double().requires_grad_(), weight.detach().double().requires_grad_()
    found, wanted = winograd_convolve(x, weight, None), F.conv2d(*exact, padding=1)
    assert relative_error(found, wanted) < 1e-5
    weights = torch.randn(wanted.shape)
    gradients = torch.autograd.grad((wanted * weights).sum(), exact)
    for ours, plain in zip(torch.autograd.grad((found * weights).sum(), (x, weight)), gradients, strict=True):
        assert relative_error(ours, plain) < 1e-5


def test_a_result_is_not_overwritten_by_the_next() -> None:
    x, weight = torch.randn(2, 3, 8, 8), torch.randn(5, 3, 3, 3)
    first = winograd_convolve(x, weight, None)
    before = first.clone()
    winograd_convolve(torch.randn(4, 3, 8, 8), torch.randn(5, 3, 3, 3), None)
    assert torch.equal(first, before)


def test_only_wanted_gradients_are_computed() -> None:
    x, frozen = torch.randn(1, 2, 4, 4, requires_grad=True), torch.randn(3, 2, 3, 3)
    winograd_convolve(x, frozen, torch.randn(3)).sum().backward()
    assert x.grad is not None
    assert frozen.grad is None


def test_training_can_follow_inference() -> None:
    with torch.inference_mode():
        winograd_convolve(torch.randn(1, 2, 8, 8), torch.randn(2, 2, 3, 3), None)
    weight = torch.randn(2, 2, 3, 3, requires_grad=True)
    winograd_convolve(torch.randn(1, 2, 8, 8), weight, None).sum().backward()
    assert weight.grad is not None


def test_a_result_may_be_changed_in_place() -> None:
    x = torch.randn(1, 2, 8, 8, requires_grad=True)
    winograd_convolve(x, torch.randn(2, 2, 3, 3), None).relu_().sum().backward()
    assert x.grad is not None


def test_kernels_of_other_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"weight is \(2, 3, 3, 3\), expected \(2, 4, 3, 3\)"):
        winograd_convolve(torch.randn(1, 4, 8, 8), torch.randn(2, 3, 3, 3), None)
