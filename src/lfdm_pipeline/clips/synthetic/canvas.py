"""The plane that a texture is painted in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic.ellipsoids import Sphere, from_plane

Array = npt.NDArray[np.floating]

EXTENT = 3.4
"""Textures span [-EXTENT, EXTENT]: what a head shows when turned by 45 degrees."""


@dataclass(frozen=True)
class Canvas:
    """The plane of a texture while it is painted."""

    u: Array
    v: Array
    sphere: Sphere
    edge: float
    """Width of a soft edge: about one pixel of the finished picture."""
    rng: np.random.Generator

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.u.shape[0], self.u.shape[1]


def blank_canvas(resolution: int, seed: int) -> Canvas:
    """The stereographic plane of an ellipsoid, `resolution` points square."""
    line = np.linspace(-EXTENT, EXTENT, resolution, dtype=np.float32)
    u, v = np.meshgrid(line, line)
    return Canvas(u, v, from_plane(u, v), 2.5 * 2 * EXTENT / resolution, np.random.default_rng(seed))
