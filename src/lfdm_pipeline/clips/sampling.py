"""Which frames of a clip a model sees."""

from typing import Literal

import numpy as np
import numpy.typing as npt

SamplingMethod = Literal["uniform", "random", "very_random"]
Indices = npt.NDArray[np.int64]


def sample_frames(method: SamplingMethod, num_frames: int, k: int, rng: np.random.Generator) -> Indices:
    """Draw `k` ascending frame indices of a clip of `num_frames`, the first always 0.

    `uniform` spreads them evenly; `random` moves each inner one within its neighbours; `very_random` draws
    with replacement. A clip shorter than `k` repeats its last frame (`uniform` and `random`).

    Returns:
        int64 (k,).
    """
    if method == "very_random":
        drawn = np.sort(rng.integers(0, num_frames, k))
        drawn[0] = 0
        return drawn
    if num_frames < k:
        return np.minimum(np.arange(k), num_frames - 1)
    even = np.linspace(0, num_frames - 1, k).astype(np.int64)
    return even if method == "uniform" else _moved(even, rng)


def _moved(even: Indices, rng: np.random.Generator) -> Indices:
    if len(even) < 3:
        return even
    gaps = np.diff(even)
    moved = even.copy()
    moved[1:-1] += rng.integers(1 - gaps[:-1], gaps[1:] - 1, endpoint=True)
    return np.sort(moved)
