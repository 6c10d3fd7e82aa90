import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.diffusion.prediction import Prediction, to_x0, training_target
from lfdm_pipeline.diffusion.schedule import cosine_schedule, q_sample

SCHEDULE = cosine_schedule(1000)


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
@given(t=st.integers(0, 900), seed=st.integers(0, 2**31))
def test_a_perfect_prediction_gives_back_x0(prediction: Prediction, t: int, seed: int) -> None:
    x0, noise = torch.randn(2, 1, 3, 4, generator=torch.Generator().manual_seed(seed))
    steps = torch.tensor([t])
    x_t = q_sample(SCHEDULE, x0, steps, noise)
    target = training_target(prediction, SCHEDULE, x0, noise, steps)
    torch.testing.assert_close(to_x0(prediction, SCHEDULE, target, x_t, steps), x0, atol=1e-4, rtol=1e-4)


def test_v_tends_to_noise_at_the_start_and_to_minus_x0_at_the_end() -> None:
    x0, noise = torch.randn(2, 1, 5)
    start = training_target("v", SCHEDULE, x0, noise, torch.tensor([0]))
    end = training_target("v", SCHEDULE, x0, noise, torch.tensor([999]))
    torch.testing.assert_close(start, noise, atol=0.03, rtol=0.01)
    torch.testing.assert_close(end, -x0, atol=0.03, rtol=0.01)
