"""A person in motion to frames, and the exact flow between them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic.appearance import Backdrop
from lfdm_pipeline.clips.synthetic.ground_truth import GroundTruth, identity_flow
from lfdm_pipeline.clips.synthetic.head import Head, Surface, head_window, rest_point, surfaces
from lfdm_pipeline.clips.synthetic.motion import Moment
from lfdm_pipeline.clips.synthetic.plate import paint_plate

Array = npt.NDArray[np.floating]
Frames = npt.NDArray[np.uint8]

# Four samples a pixel on a turned square, no two in one row or column: even steps for edges of any slope.
_SAMPLES_X = np.array([[-0.375, 0.125], [-0.125, 0.375]])
_SAMPLES_Y = np.array([[-0.125, -0.375], [0.375, 0.125]])

# A lens' blur, standard deviation in pixels: without it texture moved by part of a pixel is not what it was.
_LENS = 0.7


@dataclass(frozen=True)
class Scene:
    """A person before a wall."""

    head: Head
    backdrop: Backdrop


def render_frames(scene: Scene, moments: Sequence[Moment], size: int) -> Frames:
    """Render a clip, uint8 (T, size, size, 3), with four samples a pixel."""
    x, y = _sample_points(size)
    edge = 2.0 / size
    plate = paint_plate(scene.head.look, scene.backdrop, x, y, edge)
    return np.stack([_render(scene.head, moment, x, y, plate) for moment in moments])


def render_ground_truth(scene: Scene, moments: Sequence[Moment], size: int) -> GroundTruth:
    """Backward flow of every frame to the first and what of it was visible there, at pixel centres."""
    identity = identity_flow(size, size)
    first = _trace(scene.head, moments[0], identity)
    flow = np.repeat(identity[None], len(moments), axis=0)
    visible = np.repeat(~first.on_head[None], len(moments), axis=0)
    visible[0] = True
    for moment, place, seen in zip(moments[1:], flow[1:], visible[1:], strict=True):
        window = head_window(scene.head, moment.pose, identity[..., 0], identity[..., 1])
        now = _trace(scene.head, moment, identity[window])
        np.copyto(place[window], moments[0].pose.to_picture(now.rest), where=now.on_head[..., None])
        same = _meets(now, _trace(scene.head, moments[0], place[window]))
        inside = (np.abs(place[window]) <= 1).all(axis=-1)
        np.copyto(seen[window], same & inside & ~now.new, where=now.on_head)
    return GroundTruth(flow, visible)


def _sample_points(size: int) -> tuple[Array, Array]:
    pixel = np.repeat(np.arange(size), 2)
    step = 2 / (size - 1)
    x = (pixel[None, :] + np.tile(_SAMPLES_X, (size, size))) * step - 1
    y = (pixel[:, None] + np.tile(_SAMPLES_Y, (size, size))) * step - 1
    return x.astype(np.float32), y.astype(np.float32)


def _render(head: Head, moment: Moment, x: Array, y: Array, plate: Array) -> Frames:
    samples = plate.copy()
    for surface in surfaces(head, x, y, moment.pose, moment.expression):
        np.copyto(samples[surface.window], _coloured(surface, head), where=surface.nearest[..., None])
    picture = cv2.resize(samples, (x.shape[1] // 2, x.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return np.rint(255 * cv2.GaussianBlur(picture, (0, 0), _LENS)).astype(np.uint8)


def _coloured(surface: Surface, head: Head) -> Array:
    colour = surface.colour
    if surface.moved is not None:
        moved = surface.moved
        lid = np.asarray(head.look.skin, np.float32)
        colour[moved.lid] = 0.80 * lid
        colour[moved.lash] = 0.25 * lid
        colour[moved.mouth] = head.look.mouth.inside
        colour[moved.mouth & (moved.mouth_depth < 0.34)] = head.look.mouth.teeth
        colour[moved.mouth & (moved.mouth_depth > 0.72)] = head.look.mouth.tongue
    # Darker towards the outline, as round things are.
    aside = 1 - surface.facing
    rim = 1 - np.float32(0.28) * aside * aside * aside
    # Merged, since numpy multiplies along an axis of three slowly.
    return np.asarray(colour * cv2.merge([rim, rim, rim]))


@dataclass(frozen=True)
class _Trace:
    """What rays meet: whether the head, where on the head at rest, and whether that is new against rest."""

    on_head: npt.NDArray[np.bool_]
    rest: Array
    new: npt.NDArray[np.bool_]


def _trace(head: Head, moment: Moment, places: Array) -> _Trace:
    """Follow the rays through `places` (h, w, 2), in any order."""
    x, y = np.ascontiguousarray(places[..., 0]), np.ascontiguousarray(places[..., 1])
    on_head = np.zeros(x.shape, np.bool_)
    new = np.zeros(x.shape, np.bool_)
    rest = np.zeros((*x.shape, 3), np.float32)
    for surface in surfaces(head, x, y, moment.pose, moment.expression, in_order=False):
        on_head |= surface.nearest
        np.copyto(rest, rest_point(surface), where=surface.nearest[..., None])
        moved = surface.moved
        np.copyto(new, False if moved is None else moved.mouth | moved.lid, where=surface.nearest)
    return _Trace(on_head, rest, new)


# Farther apart than this, in half widths of the picture, two points of the head are not the same.
_TOLERANCE = 0.03


def _meets(now: _Trace, first: _Trace) -> npt.NDArray[np.bool_]:
    """Where the rays to the former places of what is seen now meet just that, nothing in front of it."""
    apart = np.linalg.norm(now.rest - first.rest, axis=-1)
    return np.asarray(first.on_head & (apart < _TOLERANCE))
