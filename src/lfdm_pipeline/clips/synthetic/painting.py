"""Brushes: soft shapes, smooth noise and mixing, on arrays of points."""

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic.light import Colour

Array = npt.NDArray[np.floating]


def filled(shape: tuple[int, ...], colour: Colour) -> Array:
    """A picture (*shape, 3) of one colour."""
    return np.full((*shape, 3), colour, np.float32)


def mix(picture: Array, colour: Colour | Array, cover: Array) -> None:
    """Paint `colour` over a picture (..., 3) as far as `cover` (...) in [0, 1] says, in place."""
    window = _covered(cover)
    paint = np.asarray(colour, np.float32)
    below = picture[window]
    below += cover[window][..., None] * ((paint if paint.ndim == 1 else paint[window]) - below)


def _covered(cover: Array) -> tuple[slice, slice]:
    """The window outside of which there is nothing to paint: most brushes are small."""
    rows, columns = np.flatnonzero(cover.any(axis=1)), np.flatnonzero(cover.any(axis=0))
    if not rows.size:
        return slice(0), slice(0)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def shade(picture: Array, factor: Array) -> None:
    """Multiply the colours of a picture (..., 3) by `factor` (...) or (..., 3), in place."""
    picture *= factor if factor.ndim == picture.ndim else factor[..., None]


def inside(distance: Array, softness: float) -> Array:
    """Cover of a shape whose signed distance is negative inside, with an edge `softness` wide."""
    return smooth_step(0.5 - distance / softness)


def smooth_step(x: Array) -> Array:
    """From 0 to 1 over [0, 1], smoothly."""
    x = np.clip(x, 0, 1).astype(np.float32)
    return x * x * (3 - 2 * x)


def blob(x: Array, y: Array, width: float, height: float) -> Array:
    """A soft spot around the origin, 1 in its middle."""
    spot = np.exp(-((x / width) ** 2 + (y / height) ** 2)).astype(np.float32)
    return np.where(spot > 1e-3, spot, 0)


def ellipse(x: Array, y: Array, width: float, height: float) -> Array:
    """Signed distance, nearly, to an ellipse around the origin."""
    radius = np.hypot(x / width, y / height)
    return ((radius - 1) * min(width, height)).astype(np.float32)


def noise(shape: tuple[int, int], cells: float, rng: np.random.Generator) -> Array:
    """Smooth noise (height, width) in about [-1, 1] with `cells` bumps across."""
    rows, columns = shape
    coarse = rng.uniform(-1, 1, (max(2, round(cells * rows / columns) + 3), round(cells) + 3))
    fine = cv2.resize(coarse.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.asarray(fine, np.float32)


def periodic_noise(position: Array, cells: int, rng: np.random.Generator) -> Array:
    """Smooth noise in [-1, 1] at positions on a line that closes after 1 and has `cells` bumps."""
    values = rng.uniform(-1, 1, cells).astype(np.float32)
    scaled = np.mod(position, 1) * cells
    index = np.floor(scaled).astype(np.int64) % cells
    share = smooth_step(scaled - np.floor(scaled))
    return values[index] * (1 - share) + values[(index + 1) % cells] * share
