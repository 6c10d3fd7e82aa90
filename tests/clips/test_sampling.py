import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.sampling import sample_frames

METHODS = ["uniform", "random", "very_random"]
counts = st.integers(1, 200)


@pytest.mark.parametrize("method", METHODS)
@given(num_frames=counts, k=st.integers(1, 60), seed=st.integers(0, 100))
def test_indices_ascend_from_0_within_the_clip(method, num_frames, k, seed):
    indices = sample_frames(method, num_frames, k, np.random.default_rng(seed))
    assert indices.shape == (k,)
    assert indices[0] == 0
    assert (np.diff(indices) >= 0).all()
    assert indices[-1] < num_frames


def test_uniform_is_linspace_truncated():
    indices = sample_frames("uniform", 10, 4, np.random.default_rng(0))
    np.testing.assert_array_equal(indices, [0, 3, 6, 9])
    indices = sample_frames("uniform", 96, 40, np.random.default_rng(0))
    np.testing.assert_array_equal(indices, np.linspace(0, 95, 40).astype(int))


@given(num_frames=st.integers(40, 200), seed=st.integers(0, 100))
def test_random_moves_inner_indices_within_their_neighbours(num_frames, seed):
    even = sample_frames("uniform", num_frames, 40, np.random.default_rng(0))
    moved = sample_frames("random", num_frames, 40, np.random.default_rng(seed))
    assert (moved[0], moved[-1]) == (0, num_frames - 1)
    # Sorting cannot bring an index farther than the widest gap.
    assert np.abs(moved - even).max() < np.diff(even).max()


def test_random_reaches_both_ends_of_its_range():
    rng = np.random.default_rng(0)
    middle = {int(sample_frames("random", 11, 3, rng)[1]) for _ in range(300)}
    assert middle == set(range(1, 10))


@pytest.mark.parametrize("method", ["uniform", "random"])
def test_a_short_clip_repeats_its_last_frame(method):
    indices = sample_frames(method, 3, 6, np.random.default_rng(0))
    np.testing.assert_array_equal(indices, [0, 1, 2, 2, 2, 2])


def test_very_random_draws_with_replacement():
    drawn = [sample_frames("very_random", 30, 30, np.random.default_rng(seed)) for seed in range(20)]
    assert all(len(set(indices)) < 30 for indices in drawn)
    assert {int(index) for indices in drawn for index in indices} == set(range(30))
