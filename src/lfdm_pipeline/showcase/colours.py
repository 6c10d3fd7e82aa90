"""Flow as colour by the Middlebury wheel.

Baker et al., A Database and Evaluation Methodology for Optical Flow, 2011.
"""

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.showcase.pictures import Picture

# Hues from one primary to the next, as many as the eye tells apart.
SPANS = (15, 6, 4, 11, 13, 6)
PRIMARIES = np.array(
    [[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 255, 255], [0, 0, 255], [255, 0, 255], [255, 0, 0]],
    np.float32,
)


def colour_wheel() -> NDArray[np.float32]:
    """Return the wheel's 55 hues, (55, 3) in [0, 1]."""
    arcs = [
        start + (end - start) * (np.arange(span)[:, None] / span)
        for start, end, span in zip(PRIMARIES[:-1], PRIMARIES[1:], SPANS, strict=True)
    ]
    return (np.concatenate(arcs) / 255).astype(np.float32)


def flow_colours(flow: NDArray[np.floating], full: float) -> Picture:
    """Colour a flow: direction is hue, length is saturation; no motion is white.

    Args:
        flow: (..., H, W, 2), x to the right and y downwards.
        full: Length drawn in full colour; longer vectors are darkened.

    Returns:
        uint8 (..., H, W, 3).
    """
    wheel = colour_wheel()
    x, y = flow[..., 0] / full, flow[..., 1] / full
    length = np.hypot(x, y)[..., None]
    place = (np.arctan2(-y, -x) / np.pi + 1) / 2 * (len(wheel) - 1)
    below = np.floor(place).astype(int)
    share = (place - below)[..., None]
    hue = (1 - share) * wheel[below % len(wheel)] + share * wheel[(below + 1) % len(wheel)]
    colour = np.where(length <= 1, 1 - np.minimum(length, 1) * (1 - hue), hue * 0.75)
    return np.floor(255 * colour).astype(np.uint8)


def wheel_picture(size: int, ground: tuple[int, int, int]) -> Picture:
    """Draw the key to coloured flows, (size, size, 3): every vector from the centre in its colour."""
    axis = np.linspace(-1, 1, size, dtype=np.float32)
    vectors = np.stack(np.meshgrid(axis, axis), axis=-1)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    colours = flow_colours(vectors / np.maximum(length, 1), full=1.001)
    cover = np.clip((1 - length) * size / 2, 0, 1)  # one pixel of soft edge
    return (cover * colours + (1 - cover) * np.array(ground)).round().astype(np.uint8)
