"""Which way up a video is shown: a telephone records as its sensor lies and notes how it was held."""

from typing import Any

import numpy as np

from lfdm_pipeline.clips.geometry import Frame

Orientation = tuple[int, int, int, int]
"""Signs (a, b, c, d) of the matrix that takes a point (x, y) as recorded to (a x + c y, b x + d y) as shown."""

UPRIGHT: Orientation = (1, 0, 0, 1)


def orientation_of(frame: Any) -> Orientation:
    """The orientation noted beside a frame of PyAV."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return UPRIGHT
    a, b, _, c, d, *_ = np.frombuffer(data, np.int32).astype(np.int64)
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return (1 if a >= 0 else -1, 0, 0, 1 if d >= 0 else -1)
    return (0, 1 if b >= 0 else -1, 1 if c >= 0 else -1, 0)


def upright(frame: Frame, orientation: Orientation) -> Frame:
    """Turn or mirror a frame (H, W, 3) as it is to be shown."""
    a, b, c, d = orientation
    if a == 0:
        frame = frame.transpose(1, 0, 2)
    return np.ascontiguousarray(frame[:: b + d, :: a + c])
