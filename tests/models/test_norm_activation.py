import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.models.norm_activation import norm_silu


def test_equals_group_norm_of_each_clip_modulated() -> None:
    x, weight, bias = _inputs(2, 3, 4, 5, 16, dtype=torch.double)
    channels_first = x.permute(0, 4, 1, 2, 3)
    normed = F.group_norm(channels_first, 8) * weight[..., None, None, None] + bias[..., None, None, None]
    torch.testing.assert_close(norm_silu(x, weight, bias), F.silu(normed).permute(0, 2, 3, 4, 1))


def test_has_the_gradient_of_its_output() -> None:
    assert torch.autograd.gradcheck(norm_silu, _inputs(2, 2, 2, 3, 8, dtype=torch.double))


@given(
    st.integers(1, 3), st.integers(1, 4), st.integers(2, 5), st.integers(2, 5), st.integers(1, 9), st.integers(0, 99)
)
@example(2, 3, 5, 7, 3, 0)
def test_is_in_single_precision_what_it_is_in_double(
    clips: int, frames: int, height: int, width: int, channels_of_group: int, seed: int
) -> None:
    inputs = _inputs(clips, frames, height, width, 8 * channels_of_group, seed=seed)
    _assert_same(inputs, torch.randn(inputs[0].shape, generator=torch.Generator().manual_seed(seed)))


@pytest.mark.parametrize("mean", [1e2, 1e4])
def test_keeps_the_digits_of_deviations_far_smaller_than_the_mean(mean: float) -> None:
    x, weight, bias = _inputs(1, 4, 9, 9, 24)
    # What is left is that the mean itself is rounded.
    _assert_same(((x + mean).detach().requires_grad_(), weight, bias), torch.ones(x.shape), mean * 2e-7)


def test_a_first_position_far_from_the_others_leaves_their_digits() -> None:
    x, weight, bias = _inputs(1, 4, 9, 9, 24)
    outlier = x.detach().clone()
    outlier[:, 0, 0, 0] = 50
    _assert_same((outlier.requires_grad_(), weight, bias), torch.ones(x.shape))


@pytest.mark.parametrize("value", [0.0, 3e8])
def test_a_constant_clip_becomes_what_its_bias_gives(value: float) -> None:
    _, weight, bias = _inputs(1, 2, 3, 3, 16)
    result = norm_silu(torch.full((1, 2, 3, 3, 16), value), weight, bias)
    torch.testing.assert_close(result, F.silu(bias).view(1, 1, 1, 1, 16).expand_as(result))


def test_takes_inputs_and_gradients_of_any_layout() -> None:
    x, weight, bias = _inputs(2, 3, 4, 5, 24)
    laid_out = x.detach().transpose(2, 3).contiguous().transpose(2, 3).requires_grad_()
    modulation = (weight.detach()[:1].expand(2, -1).requires_grad_(), bias)
    for grad in (torch.ones(()).expand(x.shape), torch.randn(24, 2, 3, 4, 5).permute(1, 2, 3, 4, 0)):
        _assert_same((laid_out, *modulation), grad)


@pytest.mark.parametrize("wanted", range(3))
def test_one_input_alone_may_require_a_gradient(wanted: int) -> None:
    inputs = _inputs(2, 3, 4, 5, 16)
    grad = torch.randn(inputs[0].shape)
    expected = torch.autograd.grad(norm_silu(*inputs), inputs, grad)[wanted]
    alone = [tensor.detach().requires_grad_(i == wanted) for i, tensor in enumerate(inputs)]
    (found,) = torch.autograd.grad(norm_silu(*alone), alone[wanted], grad)
    torch.testing.assert_close(found, expected, rtol=0, atol=0)


def test_is_finite_and_right_where_activations_are_large() -> None:
    x, weight, bias = _inputs(1, 2, 4, 4, 8)
    _assert_same((x, (weight * 1e3).detach().requires_grad_(), bias), torch.ones(x.shape), 1e-3)


def test_what_is_not_a_number_stays_visible() -> None:
    x, weight, bias = _inputs(2, 3, 4, 5, 24)
    spoilt = x.detach().clone()
    spoilt[0, 1, 2, 3, 7] = torch.nan
    spoilt.requires_grad_()
    result = norm_silu(spoilt, weight, bias)
    spoilt_group = torch.zeros(x.shape, dtype=torch.bool)
    spoilt_group[0, ..., 6:9] = True
    assert torch.equal(result.isnan(), spoilt_group)
    (d_x,) = torch.autograd.grad(result, spoilt, torch.ones(x.shape))
    assert torch.equal(d_x.isnan(), spoilt_group)


def test_a_gradient_that_is_not_a_number_reaches_all_inputs() -> None:
    inputs = _inputs(1, 2, 3, 3, 16)
    grad = torch.ones(inputs[0].shape)
    grad[0, 0, 0, 0, 0] = torch.nan
    assert all(found.isnan().any() for found in torch.autograd.grad(norm_silu(*inputs), inputs, grad))


def test_half_precision_is_computed_in_single_and_given_back() -> None:
    inputs = [tensor.detach().bfloat16().requires_grad_() for tensor in _inputs(2, 3, 4, 5, 16)]
    result = norm_silu(*inputs)
    assert result.dtype == torch.bfloat16
    torch.testing.assert_close(result, norm_silu(*(tensor.float() for tensor in inputs)).bfloat16())
    grads = torch.autograd.grad(result, inputs, torch.ones_like(result))
    assert all(grad.dtype == torch.bfloat16 for grad in grads)


def test_autocast_leaves_it_in_single_precision() -> None:
    x, weight, bias = _inputs(2, 3, 4, 5, 16)
    with torch.autocast("cpu", torch.bfloat16):
        result = norm_silu(x.bfloat16(), weight, bias)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, norm_silu(x.bfloat16().float(), weight, bias))


def _inputs(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=generator, dtype=dtype) * 2 + 1
    weight, bias = (torch.randn(shape[0], shape[-1], generator=generator, dtype=dtype) for _ in range(2))
    return x.requires_grad_(), weight.requires_grad_(), bias.requires_grad_()


def _assert_same(inputs: tuple[Tensor, Tensor, Tensor], grad: Tensor, tolerance: float = 1e-5) -> None:
    """Compare output and gradients with those in double precision, relative to the largest of each."""
    doubles = [tensor.detach().double().requires_grad_() for tensor in inputs]
    result, expected = norm_silu(*inputs), norm_silu(*doubles)
    pairs = [
        (result, expected),
        *zip(
            torch.autograd.grad(result, inputs, grad),
            torch.autograd.grad(expected, doubles, grad.double()),
            strict=True,
        ),
    ]
    for single, double in pairs:
        bound = tolerance * max(1.0, double.abs().max().item())
        torch.testing.assert_close(single.double(), double, rtol=0, atol=bound)


def test_channels_that_cannot_be_grouped_are_refused() -> None:
    with pytest.raises(ValueError, match=r"weight is \(1, 12\), expected \(1, 8\)"):
        norm_silu(torch.randn(1, 2, 2, 2, 12), torch.ones(1, 12), torch.zeros(1, 12))
