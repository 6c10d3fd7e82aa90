"""The two ways of computing each attention agree: by compiled loops for a CPU, at once for other devices."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.kernels.linear_attention import BLOCK
from lfdm_pipeline.models import spatial_attention, temporal_attention
from lfdm_pipeline.models.linear_attention_cpu import attend_by_block
from lfdm_pipeline.models.spatial_attention import SpatialAttention
from lfdm_pipeline.models.temporal_attention import TemporalAttention
from lfdm_pipeline.models.temporal_attention_cpu import attend_by_position
from lfdm_pipeline.models.temporal_positions import RelativePositions, TemporalPositions

Attend = Callable[..., Tensor]
few = st.integers(1, 4)
# A norm of two or three channels is too far from being continuous to compare.
widths = st.integers(4, 20)

HEADS, HEAD_DIM, CHANNELS, FRAMES, POINTS = 2, 4, 6, 3, 10


def leaf(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.double).requires_grad_()


def temporal(attend: Attend, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor) -> Tensor:
    heads, frames, _ = bias.shape
    rotation = RelativePositions(heads, len(qkv) // 3 // heads)(frames).rotation
    return attend(x, gain, qkv, out, TemporalPositions(bias, rotation), heads)


def temporal_arguments(
    clips: int = 2,
    frames: int = FRAMES,
    points: int = POINTS,
    channels: int = CHANNELS,
    heads: int = HEADS,
    dim: int = HEAD_DIM,
) -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    inner = heads * dim
    return (
        leaf(clips, frames, points, channels),
        leaf(channels),
        leaf(3 * inner, channels),
        leaf(channels, inner),
        leaf(heads, frames, frames),
    )


def linear_arguments(frames: int, points: int, channels: int, heads: int, dim: int) -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    inner = heads * dim
    shapes = (frames, points, channels), (channels,), (3 * inner, channels), (channels, inner), (channels,)
    return tuple(leaf(*shape) for shape in shapes)


def assert_same_with_gradients(ours: Attend, plain: Attend, arguments: tuple[Tensor, ...]) -> None:
    """Both in the precision they are computed in: compiled loops in single, what they are held to in double."""
    wanted = plain(*arguments)
    singles = tuple(argument.detach().float().requires_grad_() for argument in arguments)
    found, weight = ours(*singles), torch.randn(wanted.shape)
    gradients = torch.autograd.grad(wanted, arguments, weight.double())
    for single, double in zip((found, *torch.autograd.grad(found, singles, weight)), (wanted, *gradients), strict=True):
        assert (single - double).norm() <= 1e-4 * double.norm() + 1e-5


@settings(deadline=None, max_examples=40)
@given(few, st.integers(1, 20), few, widths, few, st.integers(1, 10))
def test_temporal_attention_by_position_equals_all_at_once(
    clips: int, frames: int, points: int, channels: int, heads: int, pairs: int
) -> None:
    arguments = temporal_arguments(clips, frames, points, channels, heads, 2 * pairs)
    assert_same_with_gradients(
        lambda *given: temporal(attend_by_position, *given),
        lambda *given: temporal(temporal_attention.attend_at_once, *given),
        arguments,
    )


def test_positions_beyond_what_a_kernel_takes_are_attended_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = temporal_arguments()
    at_once = temporal(temporal_attention.attend_at_once, *arguments)
    attend, batches = torch.nn.functional.scaled_dot_product_attention, []

    def noting(query: Tensor, *others: Tensor, **options: Tensor) -> Tensor:
        batches.append(len(query))
        return attend(query, *others, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", noting)
    monkeypatch.setattr(temporal_attention, "LARGEST_BATCH", 9)
    in_parts = temporal(temporal_attention.attend_at_once, *arguments)
    assert batches == [8, 8, 4], "2 clips of 10 positions"
    torch.testing.assert_close(in_parts, at_once)
    weight = torch.randn_like(at_once)
    for part, whole in zip(
        torch.autograd.grad(in_parts, arguments, weight), torch.autograd.grad(at_once, arguments, weight), strict=True
    ):
        torch.testing.assert_close(part, whole)


@settings(deadline=None, max_examples=40)
@given(few, st.sampled_from([1, 7, BLOCK, BLOCK + 1, 3 * BLOCK - 5]), widths, few, widths)
def test_linear_attention_by_block_equals_all_at_once(
    frames: int, points: int, channels: int, heads: int, dim: int
) -> None:
    assert_same_with_gradients(
        lambda *given: attend_by_block(*given, heads),
        lambda *given: spatial_attention.attend_at_once(*given, heads),
        linear_arguments(frames, points, channels, heads, dim),
    )


@pytest.mark.parametrize("size", [60.0, 1e-3])
def test_linear_attention_bears_logits_of_any_size(size: float) -> None:
    x, gain, qkv, out, bias = linear_arguments(2, 2 * BLOCK, CHANNELS, HEADS, HEAD_DIM)
    arguments = x, gain, qkv * size, out, bias
    found = attend_by_block(*(argument.float() for argument in arguments), HEADS)
    wanted = spatial_attention.attend_at_once(*arguments, HEADS)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shift", [-1e5, 0.0, 1e5])
def test_temporal_attention_bears_logits_of_any_size(shift: float) -> None:
    x, gain, qkv, out, bias = (argument.detach() for argument in temporal_arguments())
    found = temporal(attend_by_position, *(t.float() for t in (x, gain, qkv, out, bias + shift)))
    wanted = temporal(temporal_attention.attend_at_once, x, gain, qkv, out, bias)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-2, atol=3e-2)


ATTENTIONS = {
    "temporal": (lambda *given: temporal(attend_by_position, *given), lambda: temporal_arguments()),
    "linear": (
        lambda *given: attend_by_block(*given, HEADS),
        lambda: linear_arguments(2, 9, CHANNELS, HEADS, HEAD_DIM),
    ),
}


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("autocast", [False, True])
def test_half_precision_is_computed_in_single(attention: str, autocast: bool) -> None:
    attend, make = ATTENTIONS[attention]
    arguments = [argument.detach().bfloat16().requires_grad_() for argument in make()]
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        found = attend(*arguments)
    gradients = torch.autograd.grad(found, arguments, torch.ones_like(found))
    wanted = attend(*(argument.detach().float() for argument in arguments))
    torch.testing.assert_close(found.float(), wanted, rtol=2e-2, atol=2e-2)
    assert all(gradient.dtype == torch.bfloat16 and gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_any_number_of_threads_computes_the_same(attention: str) -> None:
    attend, make = ATTENTIONS[attention]
    arguments = [argument.detach().float().requires_grad_() for argument in make()]
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 5):
            torch.set_num_threads(threads)
            result = attend(*arguments)
            found.append((result, *torch.autograd.grad(result.square().sum(), arguments)))
    finally:
        torch.set_num_threads(before)
    for others in found[1:]:
        assert torch.equal(others[0], found[0][0])
        torch.testing.assert_close(others, found[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("wrong", [1, 2, 3, 4])
def test_weights_of_another_size_are_refused(attention: str, wrong: int) -> None:
    attend, make = ATTENTIONS[attention]
    arguments = [argument.detach().float() for argument in make()]
    arguments[wrong] = torch.cat([arguments[wrong]] * 2, dim=-1)
    with pytest.raises(ValueError, match=r"expected \("):
        attend(*arguments)


@pytest.mark.parametrize("attention", ATTENTIONS)
def test_a_gradient_of_the_gradient_is_refused(attention: str) -> None:
    attend, make = ATTENTIONS[attention]
    arguments = [argument.detach().float().requires_grad_() for argument in make()]
    (gradient,) = torch.autograd.grad(attend(*arguments).square().sum(), arguments[:1], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


@pytest.mark.parametrize("attention", ["temporal", "linear"])
def test_what_is_not_a_number_stays_so(attention: str) -> None:
    if attention == "temporal":
        given = tuple(argument.detach().float() for argument in temporal_arguments())
        given[0][0, 0, 0, 0] = torch.nan
        found = temporal(attend_by_position, *given)[0, :, 0]
    else:
        given = tuple(argument.detach().float() for argument in linear_arguments(1, 3, CHANNELS, HEADS, HEAD_DIM))
        given[0][0, 0, 0] = torch.nan
        found = attend_by_block(*given, HEADS)
    assert found.isnan().any(-1).all()


def test_full_attention_does_not_tell_positions_apart() -> None:
    torch.manual_seed(0)
    attention = SpatialAttention(CHANNELS, HEADS, HEAD_DIM)
    x = torch.randn(1, FRAMES, 2, 5, CHANNELS)
    order = torch.randperm(5)
    torch.testing.assert_close(attention(x[:, :, :, order]), attention(x)[:, :, :, order])


def test_temporal_attention_keeps_positions_apart() -> None:
    torch.manual_seed(0)
    attention = TemporalAttention(CHANNELS, HEADS, HEAD_DIM)
    positions = RelativePositions(HEADS, HEAD_DIM)(FRAMES)
    x = torch.randn(1, FRAMES, 2, 5, CHANNELS)
    changed = x.clone()
    changed[:, :, 1, 3] += 1
    moved = (attention(changed, positions) - attention(x, positions)).abs().amax((0, 1, 4)) > 1e-6
    assert moved.nonzero().tolist() == [[1, 3]]
