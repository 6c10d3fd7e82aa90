"""Textures of a head's parts, painted in the stereographic plane of each ellipsoid."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic import painting
from lfdm_pipeline.clips.synthetic.appearance import HAIR_STYLES, Appearance
from lfdm_pipeline.clips.synthetic.canvas import EXTENT, Canvas, blank_canvas
from lfdm_pipeline.clips.synthetic.ellipsoids import Point
from lfdm_pipeline.clips.synthetic.light import Colour
from lfdm_pipeline.clips.synthetic.markings import MARKINGS

Array = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Texture:
    """Colour and cover of a surface, float32 (N, N, 4), cover below 0.5 being a hole."""

    pixels: Array

    def at(self, u: Array, v: Array) -> Array:
        """Look the texture up at (u, v), arrays (h, w), by bilinear interpolation: (h, w, 4)."""
        scale = np.float32((len(self.pixels) - 1) / (2 * EXTENT))
        found = cv2.remap(
            self.pixels,
            (u + np.float32(EXTENT)) * scale,
            (v + np.float32(EXTENT)) * scale,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(found, np.float32)


def _finished(picture: Array, cover: Array | None = None) -> Texture:
    alpha = np.ones(picture.shape[:2], np.float32) if cover is None else cover
    return Texture(np.dstack([np.clip(picture, 0, 1), alpha]).astype(np.float32))


def _lit(canvas: Canvas, look: Appearance, radii: Point) -> Array:
    """Factor (h, w, 3) of the colours of an ellipsoid's surface under the light."""
    normal = np.stack([s / r for s, r in zip(canvas.sphere, radii, strict=True)])
    return look.light.on(normal / np.linalg.norm(normal, axis=0))


def paint_face(look: Appearance, resolution: int) -> Texture:
    """The head itself: skin, eyes, brows, mouth and beard at rest."""
    canvas = blank_canvas(resolution, look.seed)
    picture = _skin(look, canvas)
    _beard(picture, look, canvas)
    painting.shade(picture, _lit(canvas, look, look.radii))
    _eyes(picture, look, canvas)
    _mouth(picture, look, canvas)
    return _finished(picture)


def paint_flesh(look: Appearance, radii: Point, tint: float, resolution: int) -> Texture:
    """A nose or an ear; `tint` says how far it is redder than the face."""
    canvas = blank_canvas(resolution, look.seed + 1)
    picture = painting.filled(canvas.shape, look.skin)
    painting.mix(picture, _scaled(look.lip, 0.95), np.full(canvas.shape, tint, np.float32))
    painting.shade(picture, _lit(canvas, look, radii) * 1.02)
    return _finished(picture)


def paint_nose(look: Appearance, radii: Point, resolution: int) -> Texture:
    """A nose: flesh, or what stands in its place."""
    if look.nose_colour is None:
        return paint_flesh(look, radii, 0.12, resolution)
    canvas = blank_canvas(resolution, look.seed + 1)
    picture = painting.filled(canvas.shape, look.nose_colour)
    painting.shade(picture, _lit(canvas, look, radii))
    glint = painting.blob(canvas.u - 0.5 * look.light.side, canvas.v + 0.6, 0.35, 0.3)
    painting.mix(picture, (1.0, 0.98, 0.95), 0.55 * glint)
    return _finished(picture)


def paint_tuft(look: Appearance, radii: Point, resolution: int) -> Texture:
    """A solid piece beside the shell of hair: an ear of felt, lighter in its middle."""
    canvas = blank_canvas(resolution, look.seed + 7)
    picture = painting.filled(canvas.shape, look.hair)
    painting.shade(picture, 1 + 0.12 * painting.noise(canvas.shape, 40, canvas.rng))
    painting.mix(picture, _scaled(look.skin, 1.1), 0.8 * painting.blob(canvas.u, canvas.v - 0.2, 0.9, 1.0))
    painting.shade(picture, _lit(canvas, look, radii))
    return _finished(picture)


def paint_loose_hair(look: Appearance, resolution: int, seed: int) -> Texture:
    """Hair beside the shell, with a gap that shows the neck."""
    canvas = blank_canvas(resolution, look.seed + seed)
    picture = _strands(look, canvas, _around(canvas))
    painting.shade(picture, 0.86 * _lit(canvas, look, look.radii))
    gap = np.maximum(np.abs(canvas.sphere.x) - 0.46, 0.25 - canvas.sphere.y)
    return _finished(picture, 1 - painting.inside(gap, canvas.edge))


def paint_hair(look: Appearance, resolution: int) -> Texture:
    """Hair or a cap down to the hairline."""
    canvas = blank_canvas(resolution, look.seed + 2)
    style = HAIR_STYLES[look.hair_style]
    around = _around(canvas)
    picture = _cap(look, canvas, around) if style.fabric else _strands(look, canvas, around)
    painting.shade(picture, _lit(canvas, look, look.radii))
    line = _hairline(look, canvas, around)
    # The rim is darker: hair lies in the shadow of its own edge.
    painting.shade(picture, 1 - 0.35 * painting.smooth_step(1 - (line - canvas.sphere.y) / 0.16))
    return _finished(picture, painting.inside(canvas.sphere.y - line, canvas.edge))


def _around(canvas: Canvas) -> Array:
    """Place around the vertical axis, 0 in front, +-0.5 behind."""
    return np.asarray(np.arctan2(canvas.sphere.x, canvas.sphere.z) / (2 * np.pi), np.float32)


def _skin(look: Appearance, canvas: Canvas) -> Array:
    u, v, face = canvas.u, canvas.v, look.face
    picture = painting.filled(canvas.shape, look.skin)
    painting.shade(picture, 1 + 0.06 * painting.noise(canvas.shape, 14, canvas.rng))
    for side in (-1, 1):
        cheek = painting.blob(u - side * 0.55, v - 0.34, 0.28, 0.22)
        painting.mix(picture, _scaled(look.lip, 1.05), look.blush * cheek)
        socket = painting.blob(u - side * face.eye_x, v - face.eye_y, 0.36, 0.30)
        painting.shade(picture, 1 - 0.16 * socket)
    painting.shade(picture, 1 - 0.25 * painting.blob(u, v - 0.34, 0.16 * look.nose, 0.08))
    painting.shade(picture, 1 - 0.16 * painting.blob(u, v - face.mouth_y - 0.24, 0.20, 0.07))
    if look.freckles:
        _freckles(picture, look, canvas)
    MARKINGS[look.marking](picture, look, canvas)
    return picture


def _freckles(picture: Array, look: Appearance, canvas: Canvas) -> None:
    spots = np.zeros(canvas.shape, np.float32)
    for _ in range(26):
        place = canvas.rng.normal((0, 0.24), (0.38, 0.12))
        column, row = np.rint((place + EXTENT) / (2 * EXTENT) * len(spots)).astype(int)
        spots[row, column] = 1
    softened = cv2.GaussianBlur(spots, (0, 0), 0.03 * len(spots) / (2 * EXTENT))
    painting.mix(picture, _scaled(look.skin, 0.62), look.freckles * softened / softened.max())


def _beard(picture: Array, look: Appearance, canvas: Canvas) -> None:
    if look.beard == "none":
        return
    u, v, face = canvas.u, canvas.v, look.face
    hair = painting.filled(canvas.shape, _scaled(look.hair, 0.9))
    painting.shade(hair, 1 + 0.3 * painting.noise(canvas.shape, 70, canvas.rng))
    moustache = painting.inside(painting.ellipse(u, v - face.mouth_y + 0.17, 0.34, 0.085), 0.08)
    if look.beard == "moustache":
        painting.mix(picture, hair, moustache)
        return
    jaw = painting.inside(0.62 - 0.30 * np.abs(u) - v, 0.30) * painting.inside(
        0.30 - painting.ellipse(u, v - face.mouth_y, 0.5, 0.26), 0.25
    )
    strength = 0.35 if look.beard == "stubble" else 0.92
    painting.mix(picture, hair, strength * np.maximum(jaw, moustache))


def _eyes(picture: Array, look: Appearance, canvas: Canvas) -> None:
    face, edge = look.face, canvas.edge
    for side in (-1, 1):
        u, v = canvas.u - side * face.eye_x, canvas.v - face.eye_y
        rim = painting.ellipse(u, v, face.eye_width, face.eye_height)
        upper = painting.smooth_step(0.5 - v / (1.2 * face.eye_height))
        painting.mix(picture, (0.12, 0.07, 0.06), painting.inside(rim - 0.055, edge) * (0.25 + 0.75 * upper))
        white = painting.inside(rim, edge)
        painting.mix(picture, (0.97, 0.96, 0.94), white)
        radius = 0.86 * face.eye_height
        iris = painting.ellipse(u, v + 0.02, radius, radius)
        painting.mix(picture, _scaled(look.iris, 0.5), white * painting.inside(iris, edge))
        painting.mix(picture, _scaled(look.iris, 1.15), white * painting.inside(iris + 0.035, edge))
        painting.mix(picture, (0.04, 0.03, 0.03), white * painting.inside(iris + 0.5 * radius, edge))
        painting.shade(picture, 1 - 0.30 * white * painting.smooth_step(-v / face.eye_height - 0.2))
        glint = painting.ellipse(u + 0.055, v + 0.06, 0.045, 0.045)
        painting.mix(picture, (1.0, 1.0, 1.0), white * painting.inside(glint, edge))
        _brow(picture, look, canvas, side)


def _brow(picture: Array, look: Appearance, canvas: Canvas, side: int) -> None:
    outward = side * canvas.u - look.face.eye_x
    arch = canvas.v - look.face.brow_y - 0.9 * (outward - 0.05) ** 2
    thickness = 0.05 * look.brow_width * (1 - 0.6 * np.clip(outward / 0.30, 0, 1))
    along = np.abs(outward) - 0.27
    brow = painting.inside(np.abs(arch) - thickness, canvas.edge) * painting.inside(along, canvas.edge)
    painting.mix(picture, _scaled(look.hair, 0.6), 0.92 * brow)


def _mouth(picture: Array, look: Appearance, canvas: Canvas) -> None:
    face, edge = look.face, canvas.edge
    u, v = canvas.u, canvas.v - face.mouth_y
    across = np.clip(1 - (u / face.mouth_width) ** 2, 0, 1)
    bow = 1 - 0.35 * np.exp(-((u / 0.07) ** 2))
    upper = painting.inside(np.maximum(-v - 0.105 * across * bow, v), edge)
    lower = painting.inside(np.maximum(v - 0.135 * across, -v), edge)
    present = (np.abs(u) < face.mouth_width).astype(np.float32)
    painting.mix(picture, _scaled(look.lip, 0.86), upper * present)
    painting.mix(picture, look.lip, lower * present)
    painting.mix(picture, _scaled(look.lip, 1.25), 0.5 * painting.blob(u, v - 0.065, 0.14, 0.03))
    seam = painting.inside(np.abs(v) - 0.026, edge) * painting.inside(np.abs(u) - face.mouth_width, 2 * edge)
    painting.mix(picture, _scaled(look.lip, 0.32), 0.9 * seam)


def _hairline(look: Appearance, canvas: Canvas, around: Array) -> Array:
    """Height on the unit sphere down to which hair grows."""
    style = HAIR_STYLES[look.hair_style]
    front = np.full_like(around, style.front)
    if not style.fabric:
        front += look.parting * np.sin(2 * np.pi * around) + 0.10 * np.cos(4 * np.pi * around) - 0.10
    jagged = style.roughness * painting.periodic_noise(around, 23, canvas.rng)
    # From 35 degrees on the hair comes down beside the face; behind the ears it reaches the neck.
    beside = painting.smooth_step((np.abs(around) - 0.10) / 0.08)
    behind = painting.smooth_step((np.abs(around) - 0.28) / 0.08)
    line = front + beside * (style.side - front) + behind * (style.neck - style.side)
    return np.asarray(line + jagged, np.float32)


def _strands(look: Appearance, canvas: Canvas, around: Array) -> Array:
    picture = painting.filled(canvas.shape, look.hair)
    wavy = around + 0.02 * np.sin(5 * canvas.sphere.y + look.seed % 7)
    locks = painting.periodic_noise(wavy, 29, canvas.rng) + 0.7 * painting.periodic_noise(wavy, 67, canvas.rng)
    if look.hair_style == "curly":
        locks = 1.5 * painting.noise(canvas.shape, 60, canvas.rng)
    if look.hair_style == "buzz":
        locks = 0.5 * painting.noise(canvas.shape, 90, canvas.rng)
    painting.shade(picture, 1 + 0.20 * locks)
    # A band of shine around the crown.
    shine = np.exp(-(((canvas.sphere.y + 0.72) / 0.14) ** 2)).astype(np.float32)
    painting.mix(picture, (1.0, 0.97, 0.92), 0.16 * shine * np.clip(1 + locks, 0, 2))
    return picture


def _cap(look: Appearance, canvas: Canvas, around: Array) -> Array:
    picture = painting.filled(canvas.shape, look.trim)
    painting.shade(picture, 1 + 0.12 * np.sin(2 * np.pi * 40 * around).astype(np.float32))
    band = painting.inside(np.abs(canvas.sphere.y + 0.66) - 0.07, canvas.edge)
    painting.mix(picture, look.fabric, band)
    painting.shade(picture, 1 - 0.18 * painting.inside(-0.50 - canvas.sphere.y, 0.05))
    return picture


def _scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = np.clip(np.asarray(colour) * factor, 0, 1).tolist()
    return red, green, blue
