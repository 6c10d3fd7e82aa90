from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.diffusion.schedule import Schedule, cosine_schedule, q_sample

RECORDED = Path(__file__).parents[1] / "data" / "dm_16.npz"


@pytest.fixture(scope="module")
def schedule() -> Schedule:
    return cosine_schedule(1000)


@pytest.mark.parametrize("table", ["betas", "alphas_cumprod"])
def test_tables_are_the_published_ones(schedule: Schedule, table: str) -> None:
    with np.load(RECORDED) as recorded:
        np.testing.assert_allclose(getattr(schedule, table), recorded[table], rtol=1e-6, atol=1e-12)


@given(st.floats(0.25, 8))
def test_a_shift_divides_the_ratio_of_signal_to_noise(shift: float) -> None:
    plain, shifted = (cosine_schedule(1000, by).alphas_cumprod[:900] for by in (1.0, shift))
    torch.testing.assert_close(
        (shifted / (1 - shifted)).sqrt() * shift, (plain / (1 - plain)).sqrt(), rtol=1e-5, atol=0
    )


def test_tables_are_in_double_precision(schedule: Schedule) -> None:
    assert {table.dtype for table in vars(schedule).values()} == {torch.float64}
    assert schedule.timesteps == 1000


def test_first_step_is_certain_and_clipped(schedule: Schedule) -> None:
    assert schedule.posterior_log_variance[0] == pytest.approx(np.log(1e-20))
    assert schedule.posterior_mean_x0[0] == pytest.approx(1)
    assert schedule.posterior_mean_x_t[0] == 0


@given(st.integers(1, 998), st.floats(-3, 3), st.floats(-3, 3))
def test_posterior_is_bayes_rule(t: int, x0: float, x_t: float) -> None:
    schedule = cosine_schedule(1000)
    previous, beta = float(schedule.alphas_cumprod[t - 1]), float(schedule.betas[t])
    # x_{t-1} | x0 is normal around sqrt(previous) x0, and x_t around sqrt(1 - beta) x_{t-1}: precisions add.
    precision = 1 / (1 - previous) + (1 - beta) / beta
    mean = (previous**0.5 * x0 / (1 - previous) + (1 - beta) ** 0.5 * x_t / beta) / precision
    found = schedule.posterior_mean_x0[t] * x0 + schedule.posterior_mean_x_t[t] * x_t
    assert float(found) == pytest.approx(mean, rel=1e-4, abs=1e-5)
    assert float(schedule.posterior_log_variance[t]) == pytest.approx(-np.log(precision), rel=1e-4)


def test_noise_takes_over_from_signal(schedule: Schedule) -> None:
    x0, noise = torch.ones(3, 2), torch.zeros(3, 2)
    signal = q_sample(schedule, x0, torch.tensor([0, 500, 999]), noise)[:, 0]
    spread = q_sample(schedule, noise, torch.tensor([0, 500, 999]), x0)[:, 0]
    torch.testing.assert_close(signal.square() + spread.square(), torch.ones(3))
    assert signal[0] > 0.999
    assert signal[2] < 1e-3
