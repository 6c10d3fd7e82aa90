import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import sqrtm

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation import frechet_distance
from lfdm_pipeline.evaluation.frechet import directions


def by_matrix_root(a, b):
    root = sqrtm(np.cov(a, rowvar=False) @ np.cov(b, rowvar=False)).real
    shift = a.mean(axis=0) - b.mean(axis=0)
    return shift @ shift + np.trace(np.cov(a, rowvar=False) + np.cov(b, rowvar=False) - 2 * root)


def correlated(rng, samples, width):
    return rng.normal(size=(samples, width)) @ rng.normal(size=(width, width)) + rng.normal(size=width)


@given(seed=st.integers(0, 2**32 - 1), width=st.integers(2, 12))
@settings(max_examples=30, deadline=None)
def test_equals_the_matrix_root(seed, width):
    rng = np.random.default_rng(seed)
    a, b = correlated(rng, 200, width), correlated(rng, 90, width)
    assert frechet_distance(a, b) == pytest.approx(by_matrix_root(a, b), rel=1e-6)


@given(seed=st.integers(0, 2**32 - 1), samples=st.integers(7, 60))
@settings(max_examples=20, deadline=None)
def test_singular_covariances_equal_the_matrix_root_of_the_subspace_that_they_fill(seed, samples):
    # Turned into 60 columns, features of rank 6 have singular covariances and the same distance as before.
    rng = np.random.default_rng(seed)
    a, b = correlated(rng, samples, 6), correlated(rng, 90, 6)
    turned, _ = np.linalg.qr(rng.normal(size=(60, 6)))
    assert frechet_distance(a @ turned.T, b @ turned.T) == pytest.approx(by_matrix_root(a, b), rel=1e-6)


def test_gaussians_with_known_distance():
    # Whitened samples have exactly the moments asked for: N(0, I) and N(mu, diag(s^2)).
    rng = np.random.default_rng(0)
    white, _ = np.linalg.qr(rng.normal(size=(100, 4)) - rng.normal(size=4))
    white -= white.mean(axis=0)
    white, _ = np.linalg.qr(white)
    white *= np.sqrt(99)
    scale, shift = np.array([1.0, 2.0, 0.5, 0.0]), np.array([1.0, -2.0, 0.0, 3.0])
    expected = (shift**2).sum() + ((1 - scale) ** 2).sum()
    assert frechet_distance(white, white * scale + shift) == pytest.approx(expected, rel=1e-12)


@given(seed=st.integers(0, 2**32 - 1), samples=st.integers(2, 40), width=st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_same_features_have_no_distance_and_a_shift_its_square(seed, samples, width):
    rng = np.random.default_rng(seed)
    features, shift = rng.normal(size=(samples, width)), rng.normal(size=width)
    assert frechet_distance(features, features) == pytest.approx(0, abs=1e-10 * width)
    assert frechet_distance(features, features + shift) == pytest.approx(shift @ shift, rel=1e-9, abs=1e-10 * width)


def test_fewer_samples_than_columns_in_disjoint_subspaces():
    # Where the covariances share no direction the cross term is zero and the traces remain.
    rng = np.random.default_rng(1)
    a, b = np.zeros((5, 300)), np.zeros((7, 300))
    a[:, :100], b[:, 100:200] = rng.normal(size=(5, 100)), rng.normal(size=(7, 100))
    shift = a.mean(axis=0) - b.mean(axis=0)
    expected = shift @ shift + a.var(axis=0, ddof=1).sum() + b.var(axis=0, ddof=1).sum()
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-12)


def test_half_precision_is_widened():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(30, 8)).astype(np.float16)
    assert frechet_distance(a, a * np.float16(2)) == frechet_distance(a.astype(float), a.astype(float) * 2)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (np.zeros((1, 3)), np.zeros((4, 3)), "at least 2 samples"),
        (np.zeros((4, 3)), np.zeros((4, 2)), "3 columns, the second 2"),
        (np.zeros((4, 3)), np.full((4, 3), np.nan), "second features hold NaN"),
        (np.zeros(4), np.zeros((4, 3)), "shape"),
    ],
)
def test_bad_features_are_named(a, b, words):
    with pytest.raises(InputError, match=words):
        frechet_distance(a, b)


@pytest.mark.parametrize(("spread", "expected"), [((1, 1, 1), 3), ((1, 0, 0), 1), ((2, 1, 0), 9 / 5), ((0, 0, 0), 1)])
def test_directions_are_counted_by_how_much_features_vary_in_each(spread, expected):
    white, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(50, 4)))
    centred = np.linalg.qr(white - white.mean(0))[0][:, :3]
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    assert directions(centred * spread @ turn + 7) == pytest.approx(expected)
