"""Fréchet distance between two sets of features."""

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.errors import InputError

Matrix = NDArray[np.float64]


def frechet_distance(features_a: NDArray[np.floating], features_b: NDArray[np.floating]) -> float:
    """Return the squared Fréchet (2-Wasserstein) distance between Gaussians fitted to two feature sets.

    |mu_a - mu_b|^2 + tr(S_a + S_b - 2 (S_a S_b)^(1/2)), with unbiased covariances (Heusel et al., 2017,
    equation 6).

    Args:
        features_a: (N, D), one row a sample, N at least 2.
        features_b: (M, D), M at least 2; N and M may be smaller than D.

    Returns:
        The distance in squared feature units, never negative.

    Raises:
        InputError: Too few samples, different widths, or features that are not finite.
    """
    a, b = _checked(features_a, "first"), _checked(features_b, "second")
    if a.shape[1] != b.shape[1]:
        raise InputError(
            f"Fréchet distance: the first features have {a.shape[1]} columns, the second {b.shape[1]}; "
            "both must come from the same network"
        )
    shift = a.mean(axis=0) - b.mean(axis=0)
    factor_a, factor_b = _covariance_factor(a), _covariance_factor(b)
    # With S = F^T F, tr (S_a S_b)^(1/2) is the sum of the singular values of F_a F_b^T: no root of a
    # singular matrix is taken, so that fewer samples than columns lose no accuracy.
    overlap = np.linalg.svd(factor_a @ factor_b.T, compute_uv=False).sum()
    distance = shift @ shift + (factor_a**2).sum() + (factor_b**2).sum() - 2 * overlap
    return max(float(distance), 0.0)


def directions(features: NDArray[np.floating]) -> float:
    """Return in how many directions features (N, D) vary, N at least 2: D where in all alike, 1 where in one alone.

    (sum of s)^2 / (sum of s^2), with s the standard deviations along the principal axes.
    """
    spread = np.linalg.svd(_covariance_factor(_checked(features, "given")), compute_uv=False)
    return float(spread.sum() ** 2 / (spread**2).sum()) if spread.any() else 1.0


def _covariance_factor(features: Matrix) -> Matrix:
    """Return F (min(N, D), D) with F^T F the unbiased covariance of features (N, D)."""
    scaled = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return scaled if len(features) <= features.shape[1] else np.asarray(np.linalg.qr(scaled, mode="r"))


def _checked(features: NDArray[np.floating], which: str) -> Matrix:
    checked = np.asarray(features, dtype=np.float64)
    if checked.ndim != 2 or len(checked) < 2 or checked.shape[1] < 1:
        raise InputError(
            f"Fréchet distance: the {which} features have shape {checked.shape}; "
            "expected (samples, columns) with at least 2 samples"
        )
    if not np.isfinite(checked).all():
        raise InputError(f"Fréchet distance: the {which} features hold NaN or infinite values")
    return checked
