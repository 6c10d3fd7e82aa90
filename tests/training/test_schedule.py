import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.training.options import TrainingOptions
from lfdm_pipeline.training.schedule import learning_rate


def test_drops_tenfold_at_each_milestone():
    options = TrainingOptions(steps=100, batch_size=1, learning_rate=1.0, milestones=(60, 90))
    rates = [learning_rate(step, options) for step in (0, 59, 60, 89, 90, 99)]
    assert rates == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])


def test_warm_up_is_linear_and_reaches_the_full_rate():
    options = TrainingOptions(steps=100, batch_size=1, learning_rate=2.0, warmup_steps=4)
    assert [learning_rate(step, options) for step in range(5)] == pytest.approx([0.5, 1, 1.5, 2, 2])


@given(st.integers(2, 10_000))
def test_cosine_falls_from_the_full_rate_to_almost_zero(steps):
    options = TrainingOptions(steps=steps, batch_size=1, learning_rate=1.0, decay="cosine")
    assert learning_rate(0, options) == 1
    assert learning_rate(steps // 2, options) <= 1
    assert 0 < learning_rate(steps - 1, options) <= 0.5


def test_milestones_without_steps_are_refused():
    with pytest.raises(ValueError, match="milestones belong to decay: steps"):
        TrainingOptions(steps=10, batch_size=1, decay="cosine", milestones=(5,))
