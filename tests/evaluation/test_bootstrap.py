import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions, basic_interval


@given(st.lists(st.floats(0, 100), min_size=2, max_size=50), st.floats(0, 100), st.floats(0.1, 0.99))
def test_an_interval_is_ordered_and_not_negative(replicates, estimate, confidence):
    interval = basic_interval(estimate, replicates, confidence)
    assert interval is None or 0 <= interval.low <= interval.high


@pytest.mark.parametrize(
    ("estimate", "confidence", "low", "high"),
    [(100, 0.9, 105, 195), (100, 0.5, 125, 175), (60, 0.9, 25, 115), (30, 0.9, 0, 55)],
)
def test_quantiles_are_reflected_at_the_estimate(estimate, confidence, low, high):
    interval = basic_interval(estimate, range(101), confidence)  # the 5th of 100 percent is 5
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_where_nothing_but_negative_values_is_left_there_is_no_interval():
    assert basic_interval(1.0, [2.5] * 50, 0.95) is None
    assert basic_interval(0.0, [0.0] * 50, 0.95) is not None


def test_replicates_above_the_estimate_put_the_truth_below_it():
    interval = basic_interval(10.0, [12.0] * 50, 0.95)
    assert interval.low == interval.high == 8.0


def test_the_interval_of_a_mean_is_that_of_its_normal_distribution():
    rng = np.random.default_rng(0)
    sample = 5 + rng.normal(size=400)
    means = [sample[rng.integers(400, size=400)].mean() for _ in range(2000)]
    interval = basic_interval(sample.mean(), means, 0.9)
    error = 1.645 * sample.std() / 20
    assert (interval.low, interval.high) == pytest.approx(
        (sample.mean() - error, sample.mean() + error), abs=0.1 * error
    )


def test_an_interval_says_what_it_is():
    words = "intervals, where clips suffice: 95% basic bootstrap, clips drawn anew within labels 100 times"
    assert BootstrapOptions().words == words
    assert BootstrapOptions(resamples=0).words == "no intervals"
