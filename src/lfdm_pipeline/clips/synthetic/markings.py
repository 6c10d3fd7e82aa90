"""What is drawn on the skin of a face, below its eyes and mouth."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic import painting
from lfdm_pipeline.clips.synthetic.appearance import Appearance
from lfdm_pipeline.clips.synthetic.canvas import Canvas

Array = npt.NDArray[np.floating]


def _none(picture: Array, look: Appearance, canvas: Canvas) -> None:
    pass


def _felt(picture: Array, look: Appearance, canvas: Canvas) -> None:
    """Fibres, finer than anything that the light does."""
    painting.shade(picture, 1 + 0.10 * painting.noise(canvas.shape, 90, canvas.rng))


def _muzzle(picture: Array, look: Appearance, canvas: Canvas) -> None:
    _felt(picture, look, canvas)
    patch = painting.ellipse(canvas.u, canvas.v - 0.55, 0.66, 0.52)
    painting.mix(picture, (0.97, 0.91, 0.78), 0.85 * painting.inside(patch, 2 * canvas.edge))


def _patches(picture: Array, look: Appearance, canvas: Canvas) -> None:
    """A large spot around one eye and some beside."""
    _felt(picture, look, canvas)
    side = 1 if canvas.rng.random() < 0.5 else -1
    eye = painting.ellipse(canvas.u - side * look.face.eye_x, canvas.v - look.face.eye_y, 0.44, 0.42)
    cover = painting.inside(eye, 2 * canvas.edge)
    for _ in range(5):
        u, v = canvas.rng.uniform(-1.3, 1.3), canvas.rng.uniform(-1.4, 0.9)
        cover = np.maximum(cover, painting.inside(painting.ellipse(canvas.u - u, canvas.v - v, 0.2, 0.2), 0.05))
    painting.mix(picture, look.hair, 0.8 * cover)


def _bands(picture: Array, look: Appearance, canvas: Canvas) -> None:
    """Stripes that run in from both sides of the face."""
    _felt(picture, look, canvas)
    phase = canvas.v + 0.35 * np.abs(canvas.u)
    stripe = painting.inside(np.abs(np.mod(phase / 0.26, 2) - 1) * 0.26 - 0.11, 2 * canvas.edge)
    painting.mix(picture, look.hair, 0.75 * stripe * painting.smooth_step((np.abs(canvas.u) - 0.55) / 0.3))


def _seam(picture: Array, look: Appearance, canvas: Canvas) -> None:
    """Two pieces of cloth of slightly different colour, sewn together down the middle."""
    _felt(picture, look, canvas)
    painting.shade(picture, 1 - 0.16 * painting.inside(canvas.u, 2 * canvas.edge))
    line = painting.inside(np.abs(canvas.u) - 0.015, canvas.edge)
    across = painting.inside(np.abs(np.mod(canvas.v / 0.17, 1) - 0.5) * 0.17 - 0.02, canvas.edge)
    stitch = across * painting.inside(np.abs(canvas.u) - 0.09, canvas.edge)
    painting.mix(picture, (0.98, 0.93, 0.80), 0.9 * np.maximum(0.5 * line, stitch))


MARKINGS: dict[str, Callable[[Array, Appearance, Canvas], None]] = {
    "none": _none,
    "felt": _felt,
    "muzzle": _muzzle,
    "patches": _patches,
    "bands": _bands,
    "seam": _seam,
}
"""Drawings by name; each paints over a picture (h, w, 3) in place."""
