"""Walls of a stage: covers in [0, 1] of a wall's second colour."""

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic import painting

Array = npt.NDArray[np.floating]


def curtain(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    """Folds of cloth below a scalloped border."""
    folds, phase = rng.uniform(9, 14), rng.uniform(0, 6)
    cover = 0.30 + 0.28 * np.sin(folds * x + phase + 0.6 * np.sin(2 * y))
    border = y + 0.78 - 0.10 * np.abs(np.sin(4.5 * x + phase))
    return np.clip(cover + 0.75 * painting.inside(border, 2 * edge), 0, 1).astype(np.float32)


def night(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    """Stars and a crescent."""
    cover = np.zeros_like(x)
    for _ in range(26):
        size = rng.uniform(0.012, 0.03)
        u, v = x - rng.uniform(-1, 1), y - rng.uniform(-1, 0.5)
        cover = np.maximum(cover, painting.blob(u, v, size, 2.2 * size) + painting.blob(u, v, 2.2 * size, size))
    aside = rng.choice([-1, 1]) * rng.uniform(0.62, 0.75)
    disc = painting.ellipse(x - aside, y + 0.62, 0.2, 0.2)
    bite = painting.ellipse(x - aside - 0.09, y + 0.68, 0.17, 0.17)
    return np.clip(cover + painting.inside(np.maximum(disc, -bite), 2 * edge), 0, 1).astype(np.float32)


def hills(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    """Three rows of hills, the farthest the brightest, below a glowing sky."""
    cover = 0.55 * painting.smooth_step((y + 1) / 1.4)
    for height, strength in ((-0.15, 0.80), (0.1, 0.45), (0.38, 0.15)):
        ridge = height + 0.12 * np.sin(rng.uniform(2, 3.5) * x + rng.uniform(0, 6)) + 0.05 * np.sin(7 * x)
        inside = painting.inside(ridge - y, 2 * edge)
        cover = cover + inside * (strength - cover)
    return np.asarray(cover, np.float32)


def lanterns(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    """Paper lanterns on strings."""
    cover = np.zeros_like(x)
    for place in np.linspace(-0.9, 0.9, 6) + rng.uniform(-0.08, 0.08, 6):
        hang = rng.uniform(-0.85, -0.1)
        u, v = x - place, y - hang
        string = painting.inside(np.maximum(np.abs(u) - 0.008, v), 2 * edge)
        glow = 0.45 * painting.blob(u, v, 0.26, 0.26)
        ribs = 0.85 + 0.15 * np.cos(60 * v)
        lantern = ribs * painting.inside(painting.ellipse(u, v, 0.11, 0.14), 2 * edge)
        cover = np.maximum(cover, np.maximum(np.maximum(0.5 * string, glow), lantern))
    return np.clip(cover, 0, 1).astype(np.float32)
