import pytest
import torch

from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.models.probe import Probe, ProbeOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective, DiffusionObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.dm_step import DMStep
from lfdm_pipeline.training.lfae_step import LFAEStep
from lfdm_pipeline.training.probe_step import ProbeStep
from lfdm_pipeline.training.region_step import RegionStep


@pytest.fixture
def lfae():
    torch.manual_seed(0)
    blocks = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2)
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4)
    return LFAE(LFAEOptions(num_regions=3, num_res_blocks=1, **blocks, **widths))


@pytest.fixture
def objective():
    return LFAEObjective(LFAEObjectiveOptions(perceptual="none", crowding_weight=0.1, concentration_weight=0.1))


def generator():
    return torch.Generator().manual_seed(0)


def randomness():
    return Randomness(generator())


def frames(batch=2):
    return torch.rand(batch, 3, 32, 32, generator=generator())


def test_lfae_step_reaches_every_network(lfae, objective):
    LFAEStep(lfae, objective)({"source": frames(), "driving": frames().flip(0)}, randomness()).total.backward()
    # The background starts as the identity whatever it sees, so only its last layer has a gradient at first.
    for name, parameter in lfae.named_parameters():
        assert parameter.grad is not None, name


def test_region_step_is_the_objective_without_reconstruction(lfae, objective):
    pair = {"source": frames(), "driving": frames().flip(0)}
    whole = LFAEStep(lfae, objective)(pair, randomness())
    alone = RegionStep(lfae.region_predictor, objective)(pair, randomness())
    for name, value in alone.parts.items():
        torch.testing.assert_close(value, whole.parts[name])
    assert set(whole.parts) - set(alone.parts) == {"l1", "ssim"}
    assert RegionStep(lfae.region_predictor, objective).trained is lfae.region_predictor


def test_dm_step_leaves_the_lfae_as_it_is(lfae):
    denoiser = DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=16, condition_dim=4, heads=2, head_dim=8)
    dm = DM(DMOptions(denoiser=denoiser, target="displacement", prediction="v"))
    step = DMStep(dm, lfae, DiffusionObjective(DiffusionObjectiveOptions())).train()
    before = {name: value.clone() for name, value in lfae.state_dict().items()}
    batch = {
        "displacement": torch.randn(2, 2, 4, 8, 8, generator=generator()) * 0.1,
        "occlusion": torch.rand(2, 1, 4, 8, 8, generator=generator()),
        "reference": frames(),
        "condition": torch.randn(2, 4, generator=generator()),
    }
    step(batch, randomness()).total.backward()
    assert step.training
    assert not lfae.training
    assert all(parameter.grad is None for parameter in lfae.parameters())
    assert all(torch.equal(value, before[name]) for name, value in lfae.state_dict().items())
    assert all(parameter.grad is not None for parameter in dm.parameters())


def test_probe_step_counts_hits():
    torch.manual_seed(0)
    probe = Probe(ProbeOptions(num_labels=3, image_size=8, width=8, feature_dim=4))
    clips = torch.rand(4, 3, 3, 8, 8, generator=generator())
    named = probe(clips).argmax(1)
    losses = ProbeStep(probe)({"frames": clips, "label": named}, randomness())
    assert losses.parts["accuracy"] == 1
    wrong = ProbeStep(probe)({"frames": clips, "label": (named + 1) % 3}, randomness())
    assert wrong.parts["accuracy"] == 0
    assert wrong.total > losses.total
