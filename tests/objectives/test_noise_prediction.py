import pytest
import torch
from torch import Tensor, nn

from lfdm_pipeline.diffusion.prediction import training_target
from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.objectives.noise_prediction import (
    DiffusionObjective,
    DiffusionObjectiveOptions,
    denoising_loss,
)
from lfdm_pipeline.objectives.randomness import Randomness

SIZES = DenoiserOptions(dim=8, multipliers=(1,), feature_channels=2, condition_dim=3, heads=1, head_dim=2)


class Recorder(nn.Module):
    """Predicts zeros and remembers what it was asked."""

    def forward(self, x: Tensor, t: Tensor, z0: Tensor, cond: Tensor) -> Tensor:
        self.t, self.cond = t, cond
        return torch.zeros_like(x)


def model(prediction: str, denoiser: nn.Module) -> DM:
    dm = DM(DMOptions.model_validate({"denoiser": SIZES, "prediction": prediction}))
    dm.denoiser = denoiser  # type: ignore[assignment]
    return dm


def batch(size: int) -> tuple[Tensor, Tensor, Tensor]:
    return torch.randn(size, 3, 1, 1, 1), torch.rand(size, 2, 1, 1), torch.ones(size, 3)


def test_steps_are_uniform_and_a_tenth_of_the_conditions_dropped() -> None:
    recorder = Recorder()
    objective = DiffusionObjective(DiffusionObjectiveOptions())
    objective(model("epsilon", recorder), *batch(20_000), Randomness(torch.Generator().manual_seed(0)))
    counts = torch.bincount(recorder.t // 100, minlength=10)
    assert counts.min() > 1800
    assert counts.max() < 2200
    assert set(recorder.cond.sum(1).tolist()) == {0.0, 3.0}
    assert float((recorder.cond[:, 0] == 0).double().mean()) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_predicting_zeros_costs_the_target_s_variance(prediction: str) -> None:
    objective = DiffusionObjective(DiffusionObjectiveOptions())
    losses = objective(model(prediction, Recorder()), *batch(20_000), Randomness(torch.Generator().manual_seed(0)))
    assert float(losses.total) == pytest.approx(1, abs=0.03)
    assert losses.parts.keys() == {prediction}


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_a_perfect_prediction_costs_nothing(prediction: str) -> None:
    x0, noise, t = torch.randn(4, 3, 2, 2, 2), torch.randn(4, 3, 2, 2, 2), torch.tensor([0, 10, 500, 999])
    target = training_target(prediction, cosine_schedule(1000), x0, noise, t)  # type: ignore[arg-type]
    perfect = nn.Module()
    perfect.forward = lambda x, t, z0, cond: target  # type: ignore[assignment, method-assign]
    losses = denoising_loss(model(prediction, perfect), x0, noise, t, torch.zeros(4, 2, 2, 2), None)
    assert float(losses.total) == 0


def test_the_generator_fixes_the_loss() -> None:
    dm = DM(DMOptions(denoiser=SIZES))
    arguments = torch.randn(2, 3, 2, 2, 2), torch.rand(2, 2, 2, 2), torch.randn(2, 3)
    objective = DiffusionObjective(DiffusionObjectiveOptions())

    def loss(seed: int) -> float:
        return objective(dm, *arguments, Randomness(torch.Generator().manual_seed(seed))).total.item()

    assert loss(1) == loss(1)
    assert loss(1) != loss(2)
