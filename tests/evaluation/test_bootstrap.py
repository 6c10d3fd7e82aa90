import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.evaluation import frechet_distance
from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions, basic_interval


@given(st.lists(st.floats(0, 100), min_size=2, max_size=50), st.floats(0, 100), st.floats(0.1, 0.99))
def test_an_interval_is_ordered_and_not_negative(replicates, estimate, confidence):
    interval = basic_interval(estimate, replicates, confidence)
    assert interval is None or 0 <= interval.low <= interval.high


def test_where_nothing_but_negative_values_is_left_there_is_no_interval():
    assert basic_interval(1.0, [2.5] * 50, 0.95) is None
    assert basic_interval(0.0, [0.0] * 50, 0.95) is not None


def test_replicates_above_the_estimate_put_the_truth_below_it():
    interval = basic_interval(10.0, [12.0] * 50, 0.95)
    assert interval.low == interval.high == 8.0


def test_intervals_hold_the_known_distance_of_gaussians_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    truth, held = 4.0 + 3 * 0.25, 0  # N(0, I) and N((2, 0, 0), 1.5^2 I)
    for _ in range(60):
        a, b = rng.normal(size=(150, 3)), 1.5 * rng.normal(size=(150, 3)) + [2, 0, 0]
        replicates = [
            frechet_distance(a[rng.integers(150, size=150)], b[rng.integers(150, size=150)]) for _ in range(60)
        ]
        interval = basic_interval(frechet_distance(a, b), replicates, 0.9)
        held += interval.low <= truth <= interval.high
    assert 0.78 <= held / 60 <= 1.0


def test_an_interval_says_what_it_is():
    assert BootstrapOptions().words == "intervals: 95% basic bootstrap, clips drawn anew 100 times"
    assert BootstrapOptions(resamples=0).words == "no intervals"
