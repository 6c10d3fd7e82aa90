"""Speed at the sizes of the synthetic corpus, each beside the obvious way of computing the same (`make bench`)."""

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from tests.benchmarks.plain.denoiser import plain_copy
from torch import Tensor, nn

from lfdm_pipeline.models.denoiser import Denoiser, DenoiserOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness

PARAMETERS = yaml.safe_load((Path(__file__).parents[2] / "conf" / "base" / "parameters.yml").read_text())
SIZE, LATENT = 64, 16


@pytest.fixture
def denoiser() -> Denoiser:
    torch.manual_seed(0)
    return Denoiser(DenoiserOptions.model_validate(PARAMETERS["dm"]["model"]["denoiser"]))


@pytest.fixture
def lfae() -> LFAE:
    torch.manual_seed(0)
    return LFAE(LFAEOptions.model_validate(PARAMETERS["lfae"]["model"]))


def denoiser_inputs(denoiser: Denoiser) -> tuple[Tensor, ...]:
    options, batch = denoiser.options, PARAMETERS["dm"]["training"]["batch_size"]
    x = torch.randn(batch, 3, PARAMETERS["dm"]["data"]["num_frames"], LATENT, LATENT)
    feature = torch.randn(batch, options.feature_channels, LATENT, LATENT)
    return x, torch.full((batch,), 500), feature, torch.randn(batch, options.condition_dim)


def optimised(network: nn.Module, loss: Any) -> Any:
    optimiser = torch.optim.Adam(network.parameters(), fused=True)

    def step() -> None:
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step


@pytest.mark.parametrize("variant", ["fast", "plain"])
def test_dm_step(benchmark: Any, denoiser: Denoiser, variant: str) -> None:
    network = denoiser if variant == "fast" else plain_copy(denoiser)
    inputs = denoiser_inputs(denoiser)
    benchmark(optimised(network, lambda: network(*inputs).square().mean()))


@pytest.mark.parametrize("variant", ["fast", "plain"])
@torch.inference_mode()
def test_denoiser_forward(benchmark: Any, denoiser: Denoiser, variant: str) -> None:
    network = denoiser if variant == "fast" else plain_copy(denoiser)
    benchmark(network, *denoiser_inputs(denoiser))


def test_lfae_step(benchmark: Any, lfae: LFAE) -> None:
    objective = LFAEObjective(LFAEObjectiveOptions.model_validate(PARAMETERS["lfae"]["objective"]))
    frames = torch.rand(2, PARAMETERS["lfae"]["training"]["batch_size"], 3, SIZE, SIZE)
    randomness = Randomness(torch.Generator().manual_seed(0))
    benchmark(optimised(lfae, lambda: objective(lfae, frames[0], frames[1], randomness).total))


@pytest.mark.parametrize("variant", ["fast", "plain"])
@torch.inference_mode()
def test_extraction_of_a_clip(benchmark: Any, lfae: LFAE, variant: str) -> None:
    """Fast: all frames in one batch, the reference's regions once. Plain: one pair of frames at a time."""
    lfae.eval()
    clip = torch.rand(1, 24, 3, SIZE, SIZE)
    if variant == "fast":
        benchmark(lfae.extract, clip[:, 0], clip)
    else:
        benchmark(lambda: [lfae(clip[:, 0], clip[:, t]) for t in range(clip.shape[1])])
