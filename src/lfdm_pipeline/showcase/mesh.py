"""Flow as a bent grid."""

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.showcase.lettering import GROUND
from lfdm_pipeline.showcase.pictures import Picture

LINES = 16  # cells across
LINE_WIDTH = 1.5
INK = (122, 190, 255)


def warped_mesh(motion: NDArray[np.floating]) -> Picture:
    """Draw a regular grid as the backward flow bends it.

    The grid's lines are evaluated at the points that the flow reads, so they stay sharp however far they are
    moved.

    Args:
        motion: (H, W, 2), displacement in pixels.

    Returns:
        uint8 (H, W, 3).
    """
    height, width = motion.shape[:2]
    pitch = width / LINES
    rows, columns = np.mgrid[:height, :width].astype(np.float32) + 0.5
    points = np.stack([columns, rows], axis=-1) + motion
    distance = np.abs((points / pitch + 0.5) % 1 - 0.5) * pitch
    cover = np.clip((LINE_WIDTH + 1) / 2 - distance.min(axis=-1), 0, 1)[..., None]
    return (cover * np.array(INK) + (1 - cover) * np.array(GROUND)).round().astype(np.uint8)
