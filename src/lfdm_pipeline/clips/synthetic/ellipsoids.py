"""Ellipsoids that turn together, seen along parallel rays.

Pictures span [-1, 1] in x (right) and y (down), the viewer looks from +z. A point of the head is given in the
head's own frame, whose origin is the joint with the neck.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Pose:
    """Where the head is: rotation about the neck joint by angles in radians, and the joint's place."""

    yaw: float
    """Positive turns the face to the right of the picture."""
    pitch: float
    """Positive turns the face down."""
    roll: float
    """Positive leans the crown to the right of the picture."""
    joint: Point

    @cached_property
    def rotation(self) -> npt.NDArray[np.float64]:
        """Matrix (3, 3) from the head's frame to the picture's axes: yaw, then pitch, then roll."""
        (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (self.yaw, self.pitch, self.roll))
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        return np.asarray(roll @ pitch @ yaw)

    def to_picture(self, point: Array) -> Array:
        """Where points of the head's frame (..., 3) are seen: (..., 2)."""
        rotation = self.rotation[:2].astype(np.float32)
        return point @ rotation.T + np.asarray(self.joint[:2], np.float32)


class Sphere(NamedTuple):
    """Points on the unit sphere that an ellipsoid is made from, one array a coordinate."""

    x: Array
    y: Array
    z: Array


class Intersection(NamedTuple):
    """Where rays meet an ellipsoid first."""

    hit: npt.NDArray[np.bool_]
    depth: Array
    """The point's z; without meaning where the ray misses."""
    sphere: Sphere
    facing: Array
    """1 where the ray meets the middle of the ellipsoid, 0 at its outline."""


@dataclass(frozen=True)
class Ellipsoid:
    """An ellipsoid fixed in the head's frame, its axes along the frame's."""

    centre: Point
    radii: Point

    def intersect(self, x: Array, y: Array, pose: Pose) -> Intersection:
        """Meet the rays through (x, y) of the picture, arrays of one shape."""
        # A ray is origin + z * direction in the frame where the ellipsoid is the unit sphere.
        to_sphere = (pose.rotation / np.asarray(self.radii)).T
        offset = -to_sphere @ np.asarray(pose.joint) - np.asarray(self.centre) / np.asarray(self.radii)
        direction = to_sphere[:, 2]
        origin = [
            np.float32(row[0]) * x + (np.float32(row[1]) * y + np.float32(start))
            for row, start in zip(to_sphere, offset, strict=True)
        ]
        square = np.float32(direction @ direction)
        along = sum(np.float32(d) * o for d, o in zip(direction, origin, strict=True))
        outside = origin[0] * origin[0] + origin[1] * origin[1] + origin[2] * origin[2] - np.float32(1)
        discriminant = along * along - square * outside
        hit = discriminant > 0
        root = np.sqrt(np.maximum(discriminant, 0))
        depth = (root - along) / square
        sphere = Sphere(*(o + np.float32(d) * depth for d, o in zip(direction, origin, strict=True)))
        return Intersection(hit, depth, sphere, root / np.sqrt(square))

    def to_head(self, sphere: Sphere) -> Array:
        """Points of the unit sphere in the head's frame, (..., 3)."""
        scaled = [np.float32(r) * s + np.float32(c) for r, s, c in zip(self.radii, sphere, self.centre, strict=True)]
        return np.stack(scaled, axis=-1)

    def bounds(self, pose: Pose) -> tuple[float, float, float, float]:
        """Left, right, top and bottom of the ellipsoid's outline in the picture."""
        rotation = pose.rotation[:2]
        x, y = rotation @ np.asarray(self.centre) + np.asarray(pose.joint[:2])
        half_x, half_y = np.linalg.norm(rotation * np.asarray(self.radii), axis=1)
        return float(x - half_x), float(x + half_x), float(y - half_y), float(y + half_y)


def to_plane(sphere: Sphere) -> tuple[Array, Array]:
    """Stereographic coordinates (u, v) of points on the unit sphere: (x, y) near the front, 2 at the sides.

    Textures are painted in this plane, since it keeps angles and so the look of every pattern.
    """
    # The point farthest back has no place in the plane; no ray meets it first.
    scale = np.float32(2) / np.maximum(1 + sphere.z, np.float32(1e-3))
    return sphere.x * scale, sphere.y * scale


def from_plane(u: Array, v: Array) -> Sphere:
    """Inverse of `to_plane`."""
    quarter = (u * u + v * v) / 4
    scale = 1 / (1 + quarter)
    return Sphere(u * scale, v * scale, (1 - quarter) * scale)
