"""What a network in training makes of a few examples."""

import numpy as np
from torch import Tensor

from lfdm_pipeline.showcase.lettering import GROUND
from lfdm_pipeline.showcase.pictures import Picture, enlarge, factor_for, filmstrip, to_frames

CELL, GAP = 128, 6


def preview(*columns: Tensor) -> Picture:
    """Put images beside each other, one row an example, such as reference, driving frame, warp and result.

    Args:
        columns: Each (B, C, H, W) in [0, 1], C 1 or 3; a smaller one, such as an occlusion map, is enlarged
            to the first.
    """
    size = columns[0].shape[-1]
    factor = factor_for(size, CELL)
    stacks = [[enlarge(frame, factor * size // column.shape[-1]) for frame in to_frames(column)] for column in columns]
    rows = [filmstrip(row, GAP, GROUND) for row in zip(*stacks, strict=True)]
    spacer = np.full((GAP, rows[0].shape[1], 3), GROUND, np.uint8)
    return np.concatenate([part for row in rows for part in (spacer, row)][1:])
