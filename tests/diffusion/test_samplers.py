import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.diffusion.gaussian import GaussianDenoiser
from torch import Generator, Tensor

from lfdm_pipeline.diffusion.prediction import Prediction
from lfdm_pipeline.diffusion.samplers import SamplerOptions, sample, visited_steps
from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.errors import InputError

SCHEDULE = cosine_schedule(1000)
FEW = {"ddpm": 100, "ddim": 50, "dpm_solver++": 25, "unipc": 25}
SAMPLERS = list(FEW)


def generators(seeds: range) -> list[Generator]:
    return [Generator().manual_seed(seed) for seed in seeds]


def draw(
    options: SamplerOptions,
    prediction: Prediction,
    mean: float,
    std: float,
    bound: float | None = 10.0,
    seeds: range = range(8),
) -> Tensor:
    denoiser = GaussianDenoiser(SCHEDULE, prediction, mean, std)
    limit = None if bound is None else torch.tensor(bound)
    return sample(denoiser, (24, 24), generators(seeds), SCHEDULE, prediction, options, bound=limit)


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_samples_have_the_mean_and_deviation_of_the_data(name: str, prediction: Prediction) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": FEW[name]})
    x0 = draw(options, prediction, mean=0.7, std=0.5)
    assert float(x0.mean()) == pytest.approx(0.7, abs=0.03)
    assert float(x0.std()) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("eta", [0.5, 1.0])
def test_ddim_with_noise_samples_the_same_distribution(eta: float) -> None:
    x0 = draw(SamplerOptions(name="ddim", steps=100, eta=eta), "v", mean=0.7, std=0.5)
    assert float(x0.mean()) == pytest.approx(0.7, abs=0.03)
    assert float(x0.std()) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("steps", [1, 3, 7, 61, 103, 501])
@pytest.mark.parametrize("prediction", ["epsilon", "v"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_certain_data_is_reached_whatever_the_steps(name: str, prediction: Prediction, steps: int) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": steps})
    x0 = draw(options, prediction, mean=0.5, std=0.0, seeds=range(1))
    torch.testing.assert_close(x0, torch.full_like(x0, 0.5), atol=2e-3, rtol=0)


@pytest.mark.parametrize("steps", [103, 501, 999])
@pytest.mark.parametrize("prediction", ["epsilon", "v"])
@pytest.mark.parametrize("name", SAMPLERS)
def test_many_steps_sample_the_distribution_whether_or_not_they_divide_the_diffusion_s(
    name: str, prediction: Prediction, steps: int
) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": steps})
    x0 = draw(options, prediction, mean=0.5, std=0.1)
    assert float(x0.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(x0.std()) == pytest.approx(0.1, abs=0.02)


@given(st.integers(1, 2000).flatmap(lambda timesteps: st.tuples(st.just(timesteps), st.integers(1, timesteps))))
def test_visited_steps_are_spread_evenly_from_where_the_prediction_tells_something(sizes: tuple[int, int]) -> None:
    timesteps, count = sizes
    for prediction, pieces in (("v", count), ("epsilon", count + 1)):
        steps = visited_steps(timesteps, count, prediction)
        assert len(steps) == count
        assert steps[0] >= 0
        gaps = {after - before for before, after in itertools.pairwise(steps)}
        assert gaps <= {timesteps // pieces, -(-timesteps // pieces)} - {0}
    assert visited_steps(timesteps, count, "v")[-1] == timesteps - 1
    assert visited_steps(timesteps, timesteps, "epsilon") == list(range(timesteps))


def test_few_steps_of_noise_prediction_are_the_published_ones() -> None:
    assert visited_steps(1000, 5, "epsilon") == [166, 333, 500, 666, 833]


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_bound_clamps_x0_and_no_bound_thresholds_it_dynamically(name: str) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": 10})
    assert float(draw(options, "v", mean=3.0, std=0.1, bound=2.0).max()) == pytest.approx(2.0, abs=1e-3)
    # Nine tenths lie below the quantile that becomes 1; without an upper bound on it the deviation survives.
    dynamic = draw(options, "v", mean=3.0, std=0.5, bound=None)
    assert float(dynamic.max()) <= 1 + 1e-3
    assert float(dynamic.std()) > 0.05


@pytest.mark.parametrize("name", SAMPLERS)
def test_each_channel_has_its_own_bound(name: str) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": 10})
    denoiser = GaussianDenoiser(SCHEDULE, "v", 3.0, 0.1)
    bound = torch.tensor([1.0, 2.0])[:, None, None]
    x0 = sample(denoiser, (2, 8, 8), generators(range(2)), SCHEDULE, "v", options, bound=bound)
    torch.testing.assert_close(x0.amax((0, 2, 3)), bound.flatten(), atol=1e-3, rtol=0)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_clip_does_not_depend_on_its_batch(name: str) -> None:
    options = SamplerOptions.model_validate({"name": name, "steps": 5})
    together = draw(options, "epsilon", mean=0.2, std=0.5, seeds=range(4))
    alone = draw(options, "epsilon", mean=0.2, std=0.5, seeds=range(2, 3))
    torch.testing.assert_close(together[2], alone[0])
    assert not torch.allclose(together[1], together[2])


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@given(steps=st.integers(1, 200))
@settings(deadline=None, max_examples=20)
def test_ddim_stays_finite_whatever_its_noise_and_steps(eta: float, prediction: Prediction, steps: int) -> None:
    options = SamplerOptions(name="ddim", steps=steps, eta=eta)
    assert draw(options, prediction, mean=0.2, std=0.5, seeds=range(1)).isfinite().all()


def test_noise_of_ddim_depends_on_the_clip_s_seed_alone() -> None:
    options = SamplerOptions(name="ddim", steps=5, eta=1.0)
    together = draw(options, "v", mean=0.2, std=0.5, seeds=range(4))
    torch.testing.assert_close(together[3], draw(options, "v", mean=0.2, std=0.5, seeds=range(3, 4))[0])


def test_progress_is_told_of_every_step() -> None:
    told: list[None] = []
    denoiser = GaussianDenoiser(SCHEDULE, "v", 0.0, 1.0)
    options = SamplerOptions(name="ddim", steps=7)
    sample(
        denoiser,
        (2,),
        generators(range(1)),
        SCHEDULE,
        "v",
        options,
        bound=torch.tensor(3.0),
        on_step=lambda: told.append(None),
    )
    assert len(told) == 7


def test_an_unknown_sampler_names_the_choices() -> None:
    with pytest.raises(ValidationError, match=r"'ddpm', 'ddim', 'dpm_solver\+\+' or 'unipc'"):
        SamplerOptions.model_validate({"name": "euler"})


def test_eta_is_refused_where_it_means_nothing() -> None:
    with pytest.raises(ValidationError, match=r"eta=0.5.*ddim only"):
        SamplerOptions(name="unipc", steps=10, eta=0.5)


def test_more_steps_than_the_diffusion_has_are_refused() -> None:
    with pytest.raises(InputError, match=r"1001.*1000"):
        draw(SamplerOptions(name="ddim", steps=1001), "v", 0.0, 1.0)
