"""One steady square around the face of a clip, framed as MUG frames faces."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from pydantic import Field

from lfdm_pipeline.clips.geometry import CropBox, Frame
from lfdm_pipeline.errors import InputError, UnavailableError
from lfdm_pipeline.options import Options

Boxes = npt.NDArray[np.float64]
"""Faces as rows (left, top, width, height)."""

_LONGER_SIDE = 640
_SMALLEST = 0.1
_CASCADE = "haarcascade_frontalface_default.xml"
_SAME_FACE = 0.3


class FaceFraming(Options):
    """How a clip is cropped to a face; the defaults give MUG's framing."""

    samples: int = Field(default=16, ge=1)
    """Frames, evenly spread, in which the face is searched; up to twice as many where the clip is long."""
    least_share: float = Field(default=0.25, gt=0, le=1)
    """Share of the searched frames in which the face must be found."""
    scale: float = Field(default=1.68, gt=0)
    """Side of the square, in sides of the detector's box."""
    centre_x: float = Field(default=0.505, ge=0, le=1)
    """Where in the square the face's centre lies, in sides from the left."""
    centre_y: float = Field(default=0.535, ge=0, le=1)
    """Where in the square the face's centre lies, in sides from the top."""


def find_face_square(frames: Iterable[Frame], options: FaceFraming) -> CropBox:
    """Return a square for all RGB frames (H, W, 3) of a clip.

    It is moved, and shrunk where it must be, to lie within the frame.

    Raises:
        InputError: No face was found, or in too few frames.
    """
    samples = _spread(frames, options.samples)
    detections = [_detect(sample) for sample in samples]
    sightings = _steadiest(detections)
    if not len(sightings):
        raise InputError(f"no face in any of {len(samples)} frames looked at")
    if len(sightings) < options.least_share * len(samples):
        raise InputError(
            f"a face in only {len(sightings)} of {len(samples)} frames looked at; ingestion.faces.least_share asks for "
            f"{options.least_share:g} of them"
        )
    left, top, width, height = np.median(sightings, axis=0)
    return _square((left + width / 2, top + height / 2), width, samples[0].shape[:2], options)


def _square(centre: tuple[float, float], width: float, shape: tuple[int, ...], options: FaceFraming) -> CropBox:
    side = min(round(options.scale * width), *shape)
    left = _within(round(centre[0] - options.centre_x * side), side, shape[1])
    top = _within(round(centre[1] - options.centre_y * side), side, shape[0])
    return CropBox(top=top, bottom=top + side, left=left, right=left + side)


def _within(start: int, side: int, size: int) -> int:
    return min(max(start, 0), size - side)


def _spread(frames: Iterable[Frame], count: int) -> list[Frame]:
    """Between `count` and twice as many grey frames at equal distances, or all of a shorter clip."""
    kept: list[Frame] = []
    step = 1
    for index, frame in enumerate(frames):
        if index % step == 0:
            kept.append(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
        if len(kept) > 2 * count:
            kept, step = kept[::2], 2 * step
    return kept


def _detect(grey: npt.NDArray[np.uint8]) -> Boxes:
    """Faces in a grey frame (H, W), found at a reduced size."""
    shrink = max(1.0, max(grey.shape) / _LONGER_SIDE)
    size = (round(grey.shape[1] / shrink), round(grey.shape[0] / shrink))
    small = grey if shrink == 1 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    least = round(_SMALLEST * min(size))
    found = _detector().detectMultiScale(small, scaleFactor=1.1, minNeighbors=5, minSize=(least, least))
    return np.asarray(found, np.float64).reshape(-1, 4) * shrink


@lru_cache(maxsize=1)
def _detector() -> Any:
    path = Path(cv2.__file__).parent / "data" / _CASCADE
    if not path.is_file():
        raise UnavailableError(f"this OpenCV has no {_CASCADE}: install opencv-python-headless 4.14")
    return cv2.CascadeClassifier(str(path))


def _steadiest(detections: Sequence[Boxes]) -> Boxes:
    """Sightings of the face that is seen in most frames, the larger of two, at most one a frame."""
    best: Boxes = np.zeros((0, 4))
    for box in np.concatenate(detections):
        sightings = np.array(
            [_nearest(box, boxes) for boxes in detections if len(boxes) and _overlap(box, boxes).max() >= _SAME_FACE]
        )
        if (len(sightings), sightings[:, 2].mean()) > (len(best), best[:, 2].mean() if len(best) else 0.0):
            best = sightings
    return best


def _nearest(box: npt.NDArray[np.float64], boxes: Boxes) -> npt.NDArray[np.float64]:
    nearest: npt.NDArray[np.float64] = boxes[_overlap(box, boxes).argmax()]
    return nearest


def _overlap(box: npt.NDArray[np.float64], boxes: Boxes) -> npt.NDArray[np.float64]:
    """Intersection over union of a box with each of several."""
    ends, start = boxes[:, :2] + boxes[:, 2:], box[:2] + box[2:]
    common = (np.minimum(ends, start) - np.maximum(boxes[:, :2], box[:2])).clip(0).prod(axis=1)
    return np.asarray(common / (boxes[:, 2:].prod(axis=1) + box[2:].prod() - common))
