"""What a face does beside turning: a backward map in the plane of its texture."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class FaceShape:
    """Where the features of a face lie at rest, in the plane of its texture."""

    eye_x: float = 0.40
    eye_y: float = -0.10
    eye_width: float = 0.22
    """Half the width of an eye."""
    eye_height: float = 0.17
    """Half the height of an eye."""
    brow_y: float = -0.42
    mouth_y: float = 0.62
    mouth_width: float = 0.38
    """Half the width of the mouth."""


@dataclass(frozen=True)
class Expression:
    """Amounts of each movement of the face; all 0 at rest."""

    brows: float = 0.0
    """How far the brows are raised."""
    eyes: float = 0.0
    """Enlargement of the eyes: 0.3 makes them 30 % larger."""
    blink: float = 0.0
    """How far the lids are closed, 0 to 1."""
    lift: float = 0.0
    """How far the mouth's corners are raised."""
    widen: float = 0.0
    """Enlargement of the mouth's width; negative narrows it."""
    open: float = 0.0
    """How far the lower lip is from the upper."""


class RestPlace(NamedTuple):
    """Where points of a moved face lie at rest."""

    u: Array
    v: Array
    mouth: Mask
    """Inside of the opened mouth: not to be seen at rest."""
    mouth_depth: Array
    """0 at the upper lip, 1 at the lower one, within `mouth`."""
    lid: Mask
    """Lowered lid: not to be seen at rest."""
    lash: Mask
    """The rim of the lowered lid."""


def to_rest(u: Array, v: Array, face: FaceShape, expression: Expression) -> RestPlace:
    """Undo an expression: where the points (u, v) of the moved face are on the face at rest."""
    u, v = _undo_eyes_and_brows(u, v, face, expression)
    lid, lash = _lids(u, v, face, expression)
    u, v = _undo_smile(u, v, face, expression)
    v, mouth, mouth_depth = _undo_opening(u, v, face, expression)
    return RestPlace(u, v, mouth, mouth_depth, lid, lash)


def _bump(square: Array) -> Array:
    """1 at 0, smoothly 0 from 1 on."""
    inside = np.maximum(1 - square, 0)
    return inside * inside


def _undo_eyes_and_brows(u: Array, v: Array, face: FaceShape, expression: Expression) -> tuple[Array, Array]:
    if not (expression.brows or expression.eyes):
        return u, v
    aside = np.abs(u) - np.float32(face.eye_x)
    if expression.brows:
        above = v - np.float32(face.brow_y - expression.brows)
        v = v + np.float32(expression.brows) * _bump((aside / 0.62) ** 2 + (above / 0.42) ** 2)
    if expression.eyes:
        above = v - np.float32(face.eye_y)
        square = (aside / np.float32(2.1 * face.eye_width)) ** 2 + (above / np.float32(2.1 * face.eye_height)) ** 2
        shrink = np.float32(expression.eyes / (1 + expression.eyes)) * _bump(square)
        u = u - np.sign(u) * aside * shrink
        v = v - above * shrink
    return u, v


def _lids(u: Array, v: Array, face: FaceShape, expression: Expression) -> tuple[Mask, Mask]:
    if not expression.blink:
        none = np.zeros(u.shape, np.bool_)
        return none, none
    across = (np.abs(u) - np.float32(face.eye_x)) / np.float32(face.eye_width)
    half = np.sqrt(np.maximum(1 - across * across, 0)) * np.float32(face.eye_height)
    down = v - np.float32(face.eye_y)
    rim = half * np.float32(2 * expression.blink - 1)
    lid = (half > 0) & (np.abs(down) <= half) & (down <= rim)
    return lid, lid & (down > rim - np.float32(0.06))


def _undo_smile(u: Array, v: Array, face: FaceShape, expression: Expression) -> tuple[Array, Array]:
    if not (expression.lift or expression.widen):
        return u, v
    window = _bump((u / 1.1) ** 2 + ((v - np.float32(face.mouth_y)) / 0.62) ** 2)
    corner = np.minimum((u / np.float32(face.mouth_width * (1 + max(expression.widen, 0)))) ** 2, 1.6)
    # The corners go up and the middle a little down, so that the mouth bends more than it rises.
    raised = v + np.float32(expression.lift) * window * (corner - np.float32(0.35))
    return u * (1 - np.float32(expression.widen / (1 + expression.widen)) * window), raised


# The upper lip rises by a part of the opening and the skin up to the nose gives way; the rest is the jaw's.
_UPPER_SHARE = 0.3
_UPPER_REACH = 0.34
_LOWER_REACH = 0.95


def _undo_opening(u: Array, v: Array, face: FaceShape, expression: Expression) -> tuple[Array, Mask, Array]:
    if not expression.open:
        return v, np.zeros(u.shape, np.bool_), np.zeros_like(u)
    across = u / np.float32(0.96 * face.mouth_width)
    gap = np.float32(expression.open) * np.sqrt(np.maximum(1 - across * across, 0))
    upper, lower = gap * np.float32(_UPPER_SHARE), gap * np.float32(1 - _UPPER_SHARE)
    down = v - np.float32(face.mouth_y)
    above = _closed(-down, upper, _UPPER_REACH)
    below = _closed(down, lower, _LOWER_REACH)
    rest = np.where(down < 0, -above, below)
    mouth = (down > -upper) & (down < lower)
    depth = (down + upper) / np.maximum(gap, np.float32(1e-6))
    return np.float32(face.mouth_y) + rest, mouth, depth


def _closed(distance: Array, gap: Array, reach: float) -> Array:
    """Stretch [gap, reach] back to [0, reach]; what is farther stays."""
    far = np.float32(reach)
    stretched = np.maximum(distance - gap, 0) * far / (far - gap)
    return np.where(distance < far, stretched, distance)
