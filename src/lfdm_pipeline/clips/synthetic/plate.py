"""What stands still: the wall and the person's shoulders."""

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic import painting, scenery
from lfdm_pipeline.clips.synthetic.appearance import Appearance, Backdrop

Array = npt.NDArray[np.floating]


def paint_plate(look: Appearance, backdrop: Backdrop, x: Array, y: Array, edge: float) -> Array:
    """Paint wall and shoulders at the points (x, y), arrays (h, w), with edges `edge` wide: (h, w, 3)."""
    picture = _wall(backdrop, look.light.side, x, y, edge)
    _body(picture, look, x, y, edge)
    painting.shade(picture, look.light.on_stage(x, y))
    return np.clip(picture, 0, 1)


def _wall(backdrop: Backdrop, side: int, x: Array, y: Array, edge: float) -> Array:
    rng = np.random.default_rng(backdrop.seed)
    shape = (x.shape[0], x.shape[1])
    picture = painting.filled(shape, backdrop.colour)
    painting.mix(picture, backdrop.accent, 0.55 * WALLS[backdrop.pattern](x, y, edge, rng))
    painting.shade(picture, 1 + 0.05 * painting.noise(shape, 9, rng))
    # Darker towards the corners, lighter on the side that the light comes from.
    painting.shade(picture, np.float32(1.04) - 0.10 * (x - side * 0.4) ** 2 * 0.5 - 0.10 * y)
    return picture


def _clouds(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    return painting.smooth_step(0.5 + 0.8 * painting.noise((x.shape[0], x.shape[1]), 3, rng))


def _stripes(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    angle, width = rng.uniform(-0.5, 0.5), rng.uniform(0.16, 0.26)
    across = np.cos(angle) * x + np.sin(angle) * y + rng.uniform(0, 1)
    return painting.inside(np.abs(np.mod(across / width, 2) - 1) * width - width / 2, 2 * edge)


def _tiles(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    width = rng.uniform(0.3, 0.42)
    row = np.floor(y / (0.6 * width))
    in_row = np.abs(np.mod(y / (0.6 * width), 1) - 0.5) * 0.6 * width
    in_tile = np.abs(np.mod(x / width + 0.5 * np.mod(row, 2), 1) - 0.5) * width
    joint = np.maximum(in_row - 0.27 * width, in_tile - 0.47 * width)
    return 1 - painting.inside(joint, 2 * edge)


def _bokeh(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    cover = np.zeros_like(x)
    for _ in range(14):
        radius = rng.uniform(0.08, 0.22)
        spot = painting.ellipse(x - rng.uniform(-1, 1), y - rng.uniform(-1, 0.6), radius, radius)
        cover = np.maximum(cover, rng.uniform(0.3, 0.95) * painting.inside(spot, 0.05))
    return cover


def _panels(x: Array, y: Array, edge: float, rng: np.random.Generator) -> Array:
    width = rng.uniform(0.5, 0.7)
    local = (np.mod(x / width + rng.uniform(0, 1), 1) - 0.5) * width
    frame = np.maximum(np.abs(local) - 0.36 * width, np.abs(y + 0.15) - 0.62)
    return painting.inside(frame, 2 * edge) - 0.6 * painting.inside(frame + 0.06, 2 * edge)


WALLS = {
    "clouds": _clouds,
    "stripes": _stripes,
    "tiles": _tiles,
    "bokeh": _bokeh,
    "panels": _panels,
    "curtain": scenery.curtain,
    "night": scenery.night,
    "hills": scenery.hills,
    "lanterns": scenery.lanterns,
}
"""Covers of a wall's second colour by name."""


def _body(picture: Array, look: Appearance, x: Array, y: Array, edge: float) -> None:
    torso = painting.ellipse(x, y - 1.30, look.shoulders, 0.62)
    cloth = painting.filled((x.shape[0], x.shape[1]), look.fabric)
    painting.mix(cloth, look.trim, 0.75 * FABRICS[look.fabric_pattern](x, y, edge))
    painting.shade(cloth, np.float32(1.05) - 0.25 * np.abs(x) - 0.10 * np.maximum(-look.light.side * x, 0))
    painting.mix(picture, cloth, painting.inside(torso, edge))
    neckline = painting.ellipse(x, y - 0.70, 0.29, 0.17)
    collar = painting.inside(neckline - 0.055, edge) * painting.inside(torso, edge)
    painting.mix(picture, look.trim, collar)
    neck = np.maximum(np.abs(x) - 0.17 - 0.25 * np.clip(y - 0.50, 0, 1) ** 2, np.abs(y - 0.45) - 0.3)
    skin = np.minimum(neck, np.maximum(neckline, 0.66 - y))
    flesh = painting.filled((x.shape[0], x.shape[1]), look.skin)
    painting.shade(flesh, 0.66 + 0.26 * painting.smooth_step((y - 0.52) / 0.25) + 0.12 * look.light.side * x)
    painting.mix(picture, flesh, painting.inside(skin, edge))


def _plain(x: Array, y: Array, edge: float) -> Array:
    return np.zeros_like(x)


def _striped(x: Array, y: Array, edge: float) -> Array:
    return painting.inside(np.abs(np.mod(y / 0.13, 2) - 1) * 0.13 - 0.065, edge)


def _checked(x: Array, y: Array, edge: float) -> Array:
    upright = painting.inside(np.abs(np.mod(x / 0.15, 2) - 1) * 0.15 - 0.075, edge)
    return 0.5 * (upright + _striped(x, y, edge))


def _dotted(x: Array, y: Array, edge: float) -> Array:
    row = np.floor(y / 0.17)
    in_row = np.mod(y / 0.17, 1) - 0.5
    in_dot = np.mod(x / 0.20 + 0.5 * np.mod(row, 2), 1) - 0.5
    return painting.inside(painting.ellipse(in_dot * 0.20, in_row * 0.17, 0.05, 0.05), edge)


FABRICS = {"plain": _plain, "stripes": _striped, "checks": _checked, "dots": _dotted}
"""Covers of the second colour of clothes by name."""
