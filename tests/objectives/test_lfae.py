from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from tests.reference.sizes import LFAE_OPTIONS

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness

PLAIN = LFAEObjectiveOptions(perceptual="none")


@pytest.fixture
def lfae() -> LFAE:
    torch.manual_seed(0)
    return LFAE(LFAE_OPTIONS.model_copy(update={"num_regions": 3})).eval()


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    source, driving = torch.rand(2, 2, 3, 32, 32, generator=torch.Generator().manual_seed(1)).unbind(0)
    return source, driving


def randomness() -> Randomness:
    return Randomness(torch.Generator().manual_seed(7))


def test_parts_add_up_and_reach_every_network(lfae: LFAE) -> None:
    losses = LFAEObjective(PLAIN)(lfae, *pair(), randomness())
    assert set(losses.parts) == {"l1", "ssim", "equivariance_shift", "equivariance_affine"}
    torch.testing.assert_close(losses.total, torch.stack(list(losses.parts.values())).sum())
    losses.total.backward()
    for network in (lfae.generator, lfae.flow_predictor, lfae.region_predictor, lfae.background_predictor):
        assert any(p.grad is not None and p.grad.any() for p in network.parameters())


def test_loss_follows_from_the_generator_alone(lfae: LFAE) -> None:
    objective = LFAEObjective(PLAIN)
    first, again = (objective(lfae, *pair(), randomness()).total for _ in range(2))
    assert torch.equal(first, again)
    given = objective(lfae, *pair(), objective.draw(2, randomness(), torch.device("cpu"))).total
    assert torch.equal(first, given)


@pytest.mark.parametrize(
    ("weight", "part"),
    [
        ("l1_weight", "l1"),
        ("ssim_weight", "ssim"),
        ("equivariance_shift_weight", "equivariance_shift"),
        ("equivariance_affine_weight", "equivariance_affine"),
    ],
)
def test_every_weight_scales_its_part(lfae: LFAE, weight: str, part: str) -> None:
    base = LFAEObjective(PLAIN)(lfae, *pair(), randomness())
    doubled_options = PLAIN.model_copy(update={weight: 2 * getattr(PLAIN, weight)})
    doubled = LFAEObjective(doubled_options)(lfae, *pair(), randomness())
    for name, value in base.parts.items():
        factor = 2 if name == part else 1
        assert doubled.parts[name].item() == pytest.approx(factor * value.item(), rel=1e-5)


def test_a_few_steps_lower_the_loss(lfae: LFAE) -> None:
    objective = LFAEObjective(PLAIN)
    optimiser = torch.optim.Adam(lfae.parameters(), lr=2e-3, betas=(0.5, 0.999))
    totals = []
    for _ in range(12):
        losses = objective(lfae.train(), *pair(), randomness())
        optimiser.zero_grad()
        losses.total.backward()
        optimiser.step()
        totals.append(losses.total.item())
    assert totals[-1] < 0.9 * totals[0]


def test_absent_vgg_weights_are_never_replaced_silently(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="VGG-19"):
        LFAEObjective(LFAEObjectiveOptions(vgg19_weights=tmp_path / "absent.pth"))


def test_options_are_checked() -> None:
    with pytest.raises(ValidationError, match="perceptual"):
        LFAEObjectiveOptions(perceptual="lpips")
    with pytest.raises(ValidationError, match="perceptual_weights"):
        LFAEObjectiveOptions(perceptual_weights=(1.0, 2.0))
    with pytest.raises(ValidationError, match="l1_weight"):
        LFAEObjectiveOptions(l1_weight=-1)


def test_a_weight_on_the_occlusion_map_reaches_the_flow_predictor_alone(lfae: LFAE) -> None:
    losses = LFAEObjective(LFAEObjectiveOptions(perceptual="none", occlusion_weight=0.5))(lfae, *pair(), randomness())
    assert set(losses.parts) == {"l1", "ssim", "equivariance_shift", "equivariance_affine", "occlusion"}
    losses.parts["occlusion"].backward()
    assert lfae.flow_predictor.get_parameter("occlusion.bias").grad is not None
    assert all(p.grad is None for p in lfae.generator.parameters())
