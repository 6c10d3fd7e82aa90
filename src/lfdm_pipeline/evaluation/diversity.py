"""How much samples of one condition differ from each other."""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lfdm_pipeline.evaluation.clip_batches import Clips, uniform_indices
from lfdm_pipeline.evaluation.flow import Flows
from lfdm_pipeline.evaluation.scores import Scores

Array = NDArray[np.floating]


def diversity_scores(
    clips: Clips, flows: Flows, table: pd.DataFrame, frames: int, image_size: tuple[int, int]
) -> Scores:
    """Compare clips that were generated from the same reference frame and label and differ in their noise alone.

    Args:
        clips: Frames by name.
        flows: Latent flows by name.
        table: One row a clip: `name`, `label`, and `origin`, where its reference frame is from.
        frames: Frames a clip, spread evenly.
        image_size: (height, width) of the images that the flows move, in pixels.

    Returns:
        `generation.diversity_l1`, the mean absolute difference of two samples' frames in [0, 1], and
        `generation.diversity_motion`, the mean distance of their flows in pixels, both means over conditions with at
        least two samples; a note where there is none.
    """
    groups = [rows["name"].tolist() for _, rows in table.groupby(["origin", "label"], sort=True) if len(rows) > 1]
    if not groups:
        return {
            "generation.diversity_note": "not measured: there is one sample of each reference frame and label; set "
            "generation.per_condition and generation.per_reference to 2 or more"
        }
    pixels = (np.array(image_size[::-1], dtype=np.float32).reshape(2, 1, 1) - 1) / 2

    def picture_values(name: str) -> Array:
        shown = clips[name]
        return np.asarray(shown[uniform_indices(len(shown), frames)], np.float32) / 255

    def motion(name: str) -> Array:
        displacement, _ = flows.read(name)
        return displacement[uniform_indices(len(displacement), frames)] * pixels

    return {
        "generation.diversity_l1": float(
            np.mean([_mean_of_pairs([picture_values(name) for name in names], _l1) for names in groups])
        ),
        "generation.diversity_motion": float(
            np.mean([_mean_of_pairs([motion(name) for name in names], _vector_distance) for names in groups])
        ),
        "generation.diversity_conditions": len(groups),
    }


def _mean_of_pairs(samples: Sequence[Array], distance: Callable[[Array, Array], float]) -> float:
    return float(np.mean([distance(a, b) for a, b in combinations(samples, 2)]))


def _l1(a: Array, b: Array) -> float:
    return float(np.abs(a - b).mean())


def _vector_distance(a: Array, b: Array) -> float:
    return float(np.linalg.norm(a - b, axis=1).mean())
