"""Area interpolation by FFmpeg: the same as OpenCV's but for rounding, and several times as fast."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from av import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter

Plane = npt.NDArray[np.uint8]

_BY_AREA = Interpolation.AREA | Interpolation.ACCURATE_RND


class AreaScaler:
    """Makes three planes smaller and merges them; for many frames of the same sizes."""

    def __init__(self) -> None:
        # Each keeps the tables that it made last, and the planes of a frame may differ in size.
        self._reformatters = [VideoReformatter() for _ in range(3)]

    def __call__(self, planes: Sequence[Plane], size: tuple[int, int]) -> npt.NDArray[np.uint8]:
        """Three planes (h, w) of any sizes as one array (height, width, 3) of `size` (width, height)."""
        scaled = [_scale(plane, size, each) for plane, each in zip(planes, self._reformatters, strict=True)]
        return np.asarray(cv2.merge(scaled), np.uint8)


def samples(plane: Any) -> Plane:
    """The samples (h, w) of a plane of a frame of PyAV, without copying them."""
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _scale(plane: Plane, size: tuple[int, int], reformatter: VideoReformatter) -> Plane:
    # A plane on its own is a grey picture.
    grey = VideoFrame.from_numpy_buffer(plane, format="gray")
    scaled = reformatter.reformat(grey, width=size[0], height=size[1], interpolation=_BY_AREA, threads=1)
    return samples(scaled.planes[0])
