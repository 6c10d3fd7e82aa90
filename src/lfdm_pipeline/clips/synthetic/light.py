"""The light that people are seen in."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """Where light comes from and what colours it gives."""

    direction: tuple[float, float, float]
    """Towards the light, in the head's frame: it moves with the head, so that a point keeps its colour."""
    bright: Colour = (1.0, 1.0, 1.0)
    """Tint of what faces the light."""
    dim: Colour = (1.0, 1.0, 1.0)
    """Tint of what is turned away from it."""
    vignette: float = 0.0
    """How much darker the corners of the picture are than its middle."""

    @property
    def side(self) -> int:
        """-1 where it comes from the left, 1 from the right."""
        return 1 if self.direction[0] > 0 else -1

    def on(self, normal: Array) -> Array:
        """Factor (..., 3) of a surface's colour, given its normals (3, ...)."""
        towards = np.asarray(self.direction) / np.linalg.norm(self.direction)
        x = np.clip(0.5 + 0.5 * np.tensordot(towards, normal, axes=1), 0, 1).astype(np.float32)
        share = x * x * (3 - 2 * x)
        bright, dim = np.asarray(self.bright, np.float32), np.asarray(self.dim, np.float32)
        return (0.72 + 0.36 * share)[..., None] * (dim + share[..., None] * (bright - dim))

    def on_stage(self, x: Array, y: Array) -> Array:
        """Factor (h, w) of what stands still at the points (x, y) of the picture."""
        return 1 - np.float32(self.vignette) * np.clip((x * x + (y + 0.2) * (y + 0.2)) / 2, 0, 1)


# From above, a little from the left.
DAYLIGHT = Light((-0.45, -0.6, 0.66))
