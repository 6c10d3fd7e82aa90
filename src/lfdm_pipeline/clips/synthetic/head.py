"""A person's head: ellipsoids with textures, and what of them is seen where."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic.appearance import HAIR_STYLES, Appearance
from lfdm_pipeline.clips.synthetic.ellipsoids import Ellipsoid, Point, Pose, from_plane, to_plane
from lfdm_pipeline.clips.synthetic.expression import Expression, FaceShape, RestPlace, to_rest
from lfdm_pipeline.clips.synthetic.textures import (
    Texture,
    paint_face,
    paint_flesh,
    paint_hair,
    paint_loose_hair,
    paint_nose,
    paint_tuft,
)

Array = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]
Window = tuple[slice, slice]


@dataclass(frozen=True)
class Part:
    """An ellipsoid with its texture; only the face takes part in expressions."""

    shape: Ellipsoid
    texture: Texture
    is_face: bool = False


@dataclass(frozen=True)
class Head:
    """The parts of a head, all fixed to each other."""

    parts: tuple[Part, ...]
    face: FaceShape
    look: Appearance


@dataclass(frozen=True)
class Surface:
    """What of one part is seen within a window of the picture."""

    part: Part
    window: Window
    nearest: Mask
    """Where the part hides all that was yielded before."""
    u: Array
    v: Array
    """Place in the part's texture, at rest."""
    colour: Array
    facing: Array
    moved: RestPlace | None
    """For a face with an expression."""


def build_head(look: Appearance, resolution: int) -> Head:
    """Shape and paint a head, its large textures `resolution` pixels square."""
    a, b, c = look.radii
    centre = (0.0, -0.86 * b, 0.22 * c)
    style = HAIR_STYLES[look.hair_style]

    def placed(offset: Point, radii: Point) -> Ellipsoid:
        """An ellipsoid given relative to a head of radii (1, 1, 1)."""
        x, y, z = (m + r * o for m, r, o in zip(centre, (a, b, c), offset, strict=True))
        rx, ry, rz = (r * s for r, s in zip((a, b, c), radii, strict=True))
        return Ellipsoid((x, y, z), (rx, ry, rz))

    small = max(resolution // 3, 24)
    nose = placed((0, 0.13, 0.93), (0.16 * look.nose, 0.17 * look.nose, 0.22 * look.nose))
    ears = [placed((side * 1.0, 0.02, -0.1), (0.14, 0.2, 0.12)) for side in (-1, 1)]
    shell = placed((0, -0.02, -0.05), (style.thickness, style.thickness, style.thickness))
    return Head(
        parts=(
            *(
                Part(placed(piece.centre, piece.radii), paint_loose_hair(look, resolution, 3 + i))
                for i, piece in enumerate(style.back)
            ),
            *(Part(placed(tuft.centre, tuft.radii), paint_tuft(look, tuft.radii, small)) for tuft in style.tufts),
            *(Part(ear, paint_flesh(look, ear.radii, 0.25, small)) for ear in ears if style.ears),
            Part(placed((0, 0, 0), (1, 1, 1)), paint_face(look, resolution), is_face=True),
            Part(nose, paint_nose(look, nose.radii, small)),
            Part(shell, paint_hair(look, resolution)),
        ),
        face=look.face,
        look=look,
    )


def surfaces(
    head: Head, x: Array, y: Array, pose: Pose, expression: Expression, *, in_order: bool = True
) -> Iterator[Surface]:
    """Look at a head through the points (x, y) of the picture, arrays (h, w).

    Painting the surfaces in the order they come, each where it is the nearest, gives the picture. Where x
    ascends along the columns and y along the rows (`in_order`), only a window around each part is looked at.
    """
    depth = np.full(x.shape, -np.inf, np.float32)
    for part in head.parts:
        window = _window(part.shape.bounds(pose), x, y) if in_order else _EVERYWHERE
        met = part.shape.intersect(x[window], y[window], pose)
        nearest = met.hit & (met.depth > depth[window])
        if not nearest.any():
            continue
        u, v = to_plane(met.sphere)
        moved = None
        if part.is_face:
            moved = to_rest(u, v, head.face, expression)
            u, v = moved.u, moved.v
        colour = part.texture.at(u, v)
        nearest &= colour[..., 3] > 0.5
        np.copyto(depth[window], met.depth, where=nearest)
        yield Surface(part, window, nearest, u, v, np.ascontiguousarray(colour[..., :3]), met.facing, moved)


_EVERYWHERE = (slice(None), slice(None))


def rest_point(surface: Surface) -> Array:
    """Where the seen points lie in the head's frame at rest, (h, w, 3)."""
    return surface.part.shape.to_head(from_plane(surface.u, surface.v))


def head_window(head: Head, pose: Pose, x: Array, y: Array) -> Window:
    """The part of a picture, given by its points (x, y) in order, that a head may be seen in."""
    bounds = np.array([part.shape.bounds(pose) for part in head.parts])
    left, top = bounds.min(axis=0)[[0, 2]]
    right, bottom = bounds.max(axis=0)[[1, 3]]
    return _window((float(left), float(right), float(top), float(bottom)), x, y)


def _window(bounds: tuple[float, float, float, float], x: Array, y: Array) -> Window:
    left, right, top, bottom = bounds
    columns = np.searchsorted(x[0], [left, right])
    rows = np.searchsorted(y[:, 0], [top, bottom])
    # Points within a pixel are shifted against each other, so the first row and column tell only roughly.
    return (
        slice(max(int(rows[0]) - 2, 0), int(rows[1]) + 2),
        slice(max(int(columns[0]) - 2, 0), int(columns[1]) + 2),
    )
