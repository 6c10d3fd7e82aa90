"""What a person does in a clip, frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.synthetic.ellipsoids import Point, Pose
from lfdm_pipeline.clips.synthetic.expression import Expression

Curve = npt.NDArray[np.float64]
Curves = dict[str, Curve]


@dataclass(frozen=True)
class Moment:
    """Pose and expression in one frame."""

    pose: Pose
    expression: Expression


def draw_motion(label: str, num_frames: int, fps: float, joint: Point, rng: np.random.Generator) -> list[Moment]:
    """Draw a motion of a label: amplitude, speed and onset at random, at rest in frame 0.

    In every clip the person also sways and may blink.
    """
    rest = {name: rng.normal(0, sigma) for name, sigma in _BASE_POSE.items()}
    curves: Curves = {name: reach * _swing(num_frames, fps, rng) for name, reach in _SWAY.items()}
    curves |= {name: np.zeros(num_frames) for name in Expression.__dataclass_fields__}
    for name, curve in MOTIONS[label](num_frames, rng).items():
        curves[name] = curves[name] + curve
    curves["blink"] = _blinks(num_frames, fps, rng)
    return [
        Moment(
            Pose(
                **{name: float(rest[name] + curves[name][t]) for name in _BASE_POSE},
                joint=(joint[0] + float(curves["aside"][t]), joint[1] + float(curves["down"][t]), joint[2]),
            ),
            Expression(**{name: float(curves[name][t]) for name in Expression.__dataclass_fields__}),
        )
        for t in range(num_frames)
    ]


# Standard deviation of the pose in frame 0, radians.
_BASE_POSE = {"yaw": 0.07, "pitch": 0.04, "roll": 0.03}

# How far a person sways in every clip: radians, and half widths of the picture that the head is shifted by.
_SWAY = {"yaw": 0.02, "pitch": 0.02, "roll": 0.015, "aside": 0.02, "down": 0.01}


def _swing(num_frames: int, fps: float, rng: np.random.Generator) -> Curve:
    """Part of a slow oscillation within [-1, 1] that begins at 0."""
    seconds = np.arange(num_frames) / fps
    swing = np.sin(2 * np.pi * rng.uniform(0.3, 0.6) * seconds)
    return np.asarray(_sign(rng) * rng.uniform(0.4, 1.0) * swing)


def _blinks(num_frames: int, fps: float, rng: np.random.Generator) -> Curve:
    """At most one blink of a fifth of a second, never in frame 0."""
    if rng.random() < 0.4:
        return np.zeros(num_frames)
    middle = rng.uniform(0.2, 0.95) * num_frames
    closed = 1.4 - np.abs(np.arange(num_frames) - middle) / (0.1 * fps)
    return np.clip(closed, 0, 1) * (np.arange(num_frames) > 0)


def _ease(x: Curve) -> Curve:
    """Smooth step from 0 to 1 over [0, 1]."""
    x = np.clip(x, 0, 1)
    return x * x * x * (x * (6 * x - 15) + 10)


def _onset(rng: np.random.Generator) -> tuple[float, float]:
    """When a motion begins and how long it takes to its peak, as shares of the clip."""
    return rng.uniform(0.04, 0.2), rng.uniform(0.25, 0.42)


def _rise(num_frames: int, rng: np.random.Generator) -> Curve:
    """From 0 to 1 and, in some clips, part of the way back."""
    time = np.arange(num_frames) / (num_frames - 1)
    begin, duration = _onset(rng)
    back = rng.uniform(0.3, 0.8) * (rng.random() < 0.3)
    return _ease((time - begin) / duration) - back * _ease((time - 0.72) / 0.28)


def _sign(rng: np.random.Generator) -> float:
    return float(rng.choice([-1.0, 1.0]))


def _neutral(num_frames: int, rng: np.random.Generator) -> Curves:
    return {}


def _nod(num_frames: int, rng: np.random.Generator) -> Curves:
    time = np.arange(num_frames) / (num_frames - 1)
    begin, _ = _onset(rng)
    elapsed = np.maximum(time - begin, 0)
    cycles = rng.uniform(1.2, 2.0)
    swing = np.sin(2 * np.pi * cycles * elapsed) * _ease(elapsed / 0.12)
    return {"pitch": np.radians(rng.uniform(17, 25)) * swing}


# Nobody moves the face alone: the weight follows a turn and balances a tilt, a smile bows the head, a surprise
# starts it up.


def _turn(num_frames: int, rng: np.random.Generator) -> Curves:
    rise = _rise(num_frames, rng)
    return {"yaw": np.radians(rng.uniform(22, 32)) * rise, "aside": rng.uniform(0.10, 0.16) * rise}


def _tilt(num_frames: int, rng: np.random.Generator) -> Curves:
    roll = -np.radians(rng.uniform(17, 25)) * _rise(num_frames, rng)
    return {"roll": roll, "aside": -0.3 * np.sin(roll)}


def _smile(num_frames: int, rng: np.random.Generator) -> Curves:
    rise = _rise(num_frames, rng) * rng.uniform(0.85, 1.15)
    opening = rng.uniform(0.24, 0.34)
    bow = {"down": 0.10 * rise, "pitch": np.radians(7) * rise}
    return {"lift": 0.36 * rise, "widen": 0.42 * rise, "open": opening * rise, "eyes": -0.12 * rise} | bow


def _surprise(num_frames: int, rng: np.random.Generator) -> Curves:
    rise = _rise(num_frames, rng) * rng.uniform(0.85, 1.15)
    start = {"down": -0.12 * rise, "pitch": -np.radians(7) * rise}
    return {"open": 0.72 * rise, "widen": -0.25 * rise, "brows": 0.26 * rise, "eyes": 0.30 * rise} | start


MOTIONS: dict[str, Callable[[int, np.random.Generator], Curves]] = {
    "neutral": _neutral,
    "nod": _nod,
    "turn": _turn,
    "tilt": _tilt,
    "smile": _smile,
    "surprise": _surprise,
}
"""The labels of the corpus and how each moves, as curves over the frames."""
