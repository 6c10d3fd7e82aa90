import pytest
import torch
from pydantic import ValidationError
from tests.benchmarks.plain.denoiser import plain_copy
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.denoiser import Denoiser, DenoiserOptions

SMALL = DenoiserOptions(dim=16, multipliers=(1, 2), feature_channels=5, condition_dim=7, heads=2, head_dim=8)
Inputs = tuple[Tensor, Tensor, Tensor, Tensor]


@pytest.fixture(scope="module")
def denoiser() -> Denoiser:
    torch.manual_seed(0)
    denoiser = Denoiser(SMALL)
    with torch.no_grad():  # gains and biases start at one and zero, which would hide their being misread
        for parameter in denoiser.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return denoiser


def inputs(frames: int = 5, size: int = 8, batch: int = 2) -> Inputs:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(batch, 3, frames, size, size, generator=generator)
    z0 = torch.rand(batch, SMALL.feature_channels, size, size, generator=generator)
    cond = torch.randn(batch, SMALL.condition_dim, generator=generator)
    return x, torch.tensor([3, 800, 999])[:batch], z0, cond


def gradients(denoiser: torch.nn.Module, inputs: Inputs) -> dict[str, Tensor]:
    x, t, z0, cond = inputs
    leaves = [part.clone().requires_grad_() for part in (x, z0, cond)]
    parameters = dict(denoiser.named_parameters())
    loss = denoiser(leaves[0], t, leaves[1], leaves[2]).square().sum()
    names = [*parameters, "x", "z0", "cond"]
    return dict(zip(names, torch.autograd.grad(loss, [*parameters.values(), *leaves]), strict=True))


def assert_same(found: dict[str, Tensor], wanted: dict[str, Tensor], tolerance: float) -> None:
    assert found.keys() == wanted.keys()
    errors = {
        name: float((found[name].flatten() - wanted[name].flatten()).norm() / wanted[name].norm()) for name in wanted
    }
    assert max(errors.values()) < tolerance, max(errors, key=lambda name: errors[name])


def test_paper_size_has_the_paper_s_parameters() -> None:
    with torch.device("meta"):
        denoiser = Denoiser(DenoiserOptions())
    assert sum(parameter.numel() for parameter in denoiser.parameters()) == 42_731_203


@pytest.mark.parametrize("frames", [1, 5, 40])
@pytest.mark.parametrize("size", [2, 8])
def test_output_equals_the_plain_variant(denoiser: Denoiser, frames: int, size: int) -> None:
    arguments = inputs(frames, size)
    with torch.no_grad():
        torch.testing.assert_close(denoiser(*arguments), plain_copy(denoiser)(*arguments), rtol=1e-4, atol=1e-4)


def test_gradients_equal_the_plain_variant(denoiser: Denoiser) -> None:
    assert_same(gradients(denoiser, inputs()), gradients(plain_copy(denoiser), inputs()), 1e-4)


def test_features_may_be_prepared_once(denoiser: Denoiser) -> None:
    x, t, z0, cond = inputs()
    with torch.no_grad():
        assert torch.equal(denoiser(x, t, denoiser.prepare(z0), cond), denoiser(x, t, z0, cond))


def test_no_condition_is_a_condition_of_zeros(denoiser: Denoiser) -> None:
    x, t, z0, cond = inputs()
    with torch.no_grad():
        assert torch.equal(denoiser(x, t, z0), denoiser(x, t, z0, torch.zeros_like(cond)))
        assert not torch.allclose(denoiser(x, t, z0), denoiser(x, t, z0, cond))


def test_clips_of_a_batch_do_not_mix(denoiser: Denoiser) -> None:
    arguments = inputs(batch=3)
    with torch.no_grad():
        together = denoiser(*arguments)
        alone = torch.cat([denoiser(*(part[i : i + 1] for part in arguments)) for i in range(3)])
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)


def test_memory_layout_of_inputs_does_not_matter(denoiser: Denoiser) -> None:
    x, t, z0, cond = inputs()
    strided = x.permute(0, 2, 3, 4, 1).contiguous().permute(0, 4, 1, 2, 3)
    with torch.no_grad():
        out = denoiser(strided, t, z0.contiguous(memory_format=torch.channels_last), cond)
        torch.testing.assert_close(out, denoiser(x, t, z0, cond))


def test_bfloat16_autocast_stays_near_float32(denoiser: Denoiser) -> None:
    x, t, z0, cond = inputs()
    with torch.autocast("cpu", torch.bfloat16):
        out = denoiser(x, t, z0, cond)
    out.float().square().mean().backward()
    wanted = denoiser(x, t, z0, cond)
    assert (out - wanted).norm() / wanted.norm() < 0.05


def test_sizes_that_cannot_be_halved_are_refused(denoiser: Denoiser) -> None:
    with pytest.raises(InputError, match=r"7x7.*2 levels.*multiples of 2"):
        denoiser(*inputs(size=7))


@pytest.mark.parametrize(
    "change", [{"dim": 12}, {"multipliers": ()}, {"multipliers": (1, 0)}, {"head_dim": 7}, {"width": 3}]
)
def test_impossible_sizes_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DenoiserOptions.model_validate(change)


def test_weights_survive_a_plain_layout(denoiser: Denoiser) -> None:
    other = Denoiser(SMALL)
    other.load_state_dict({name: value.contiguous() for name, value in denoiser.state_dict().items()})
    with torch.no_grad():
        assert torch.equal(other(*inputs()), denoiser(*inputs()))
