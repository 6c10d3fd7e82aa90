"""How much generated clips move, beside real ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lfdm_pipeline.evaluation.clip_batches import uniform_indices
from lfdm_pipeline.evaluation.flow import Flows


@dataclass(frozen=True)
class Motion:
    """Mean length of the latent flow's displacement over frames and positions, in pixels of the image.

    `displacement` is measured against the identity grid, `motion` against the flow of the clip's first frame:
    a constant offset counts in the first and not in the second.
    """

    displacement: float
    motion: float


def mean_motion(flows: Flows, clip_ids: Sequence[str], frames: int, image_size: tuple[int, int]) -> Motion:
    """Measure the motion of clips, each by `frames` of its frames spread evenly.

    Args:
        flows: Flows of each clip's frames against its first.
        clip_ids: Which clips; all count alike.
        frames: Frames a clip.
        image_size: (height, width) of the images that the flows move, in pixels.
    """
    pixels = (np.array(image_size[::-1], dtype=np.float32).reshape(2, 1, 1) - 1) / 2
    lengths = []
    for clip_id in clip_ids:
        displacement, _ = flows.read(clip_id)
        sampled = displacement[uniform_indices(len(displacement), frames)] * pixels
        lengths.append([np.linalg.norm(moved, axis=1).mean() for moved in (sampled, sampled - sampled[:1])])
    displacement_mean, motion_mean = np.mean(lengths, axis=0)
    return Motion(float(displacement_mean), float(motion_mean))


def motion_scores(generated: Motion, real: Motion) -> dict[str, float]:
    """Return both motions and, where real clips move at all, their ratios under flat names."""
    scores = {
        "generation.displacement": generated.displacement,
        "generation.real_displacement": real.displacement,
        "generation.motion": generated.motion,
        "generation.real_motion": real.motion,
    }
    if real.displacement > 0:
        scores["generation.displacement_ratio"] = generated.displacement / real.displacement
    if real.motion > 0:
        scores["generation.motion_ratio"] = generated.motion / real.motion
    return scores
