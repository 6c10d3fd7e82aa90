"""How much regions flicker that should stand still."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.evaluation.clip_batches import Clips, uniform_indices
from lfdm_pipeline.evaluation.flow import MOVING, Flows
from lfdm_pipeline.evaluation.scores import Scores

MIN_SHARE = 0.05
MIN_CLIPS = 8


def flicker_scores(name: str, clips: Clips, flows: Flows, clip_ids: Sequence[str], frames: int) -> Scores:
    """Measure how much static regions change from one frame to the next.

    Static is what the clip's own latent flow moves by less than half a pixel, from the first to any other frame, with
    its neighbourhood: there every change is flicker (or compression: compare with real clips).

    A clip counts where 5 % of its pixels or more are static, and it takes eight such clips. Squares cut out of the
    static regions of the synthetic corpus' real clips flicker unlike the whole of them, by a standard deviation of 1.3
    times the whole's flicker where they are 0.5 % of the picture, 0.8 where 2 %, 0.6 where 5 %: of eight clips the mean
    is then off by a fifth.

    Args:
        name: Flat name of the score.
        clips: Frames by clip id.
        flows: Latent flows by clip id.
        clip_ids: Which clips.
        frames: Frames a clip, spread evenly.

    Returns:
        Under `name` the mean absolute change of a value in [0, 1] over static pixels, as the mean over clips that
        count; under `<name>_clips` how many these are, and under `<name>_static_share` the mean share of their pixels
        that are static. A note instead where too few clips count.
    """
    changes, shares = [], []
    for clip_id in clip_ids:
        displacement, _ = flows.read(clip_id)
        clip, chosen = clips[clip_id], uniform_indices(len(displacement), frames)
        static = static_pixels(displacement[chosen], clip.shape[1], clip.shape[2])
        if static.mean() >= MIN_SHARE:
            shares.append(static.mean())
            shown = clip[chosen][:, static].astype(np.float32) / 255
            changes.append(np.abs(np.diff(shown, axis=0)).mean())
    if len(changes) < MIN_CLIPS:
        why = f"{MIN_SHARE:.0%} or more of the pixels hold still in {len(changes)} of {len(clip_ids)} clips"
        return {f"{name}_note": f"not measured: {why}, and it takes {MIN_CLIPS} such clips"}
    return {
        name: float(np.mean(changes)),
        f"{name}_clips": len(changes),
        f"{name}_static_share": float(np.mean(shares)),
    }


def static_pixels(displacement: NDArray[np.floating], height: int, width: int) -> NDArray[np.bool_]:
    """Return where nothing moves: (height, width).

    Args:
        displacement: (T, 2, h, w), backward flow minus identity grid in [-1, 1] units.
        height: Of the images, in pixels.
        width: Of the images, in pixels.
    """
    scale = (np.array([width, height], np.float32).reshape(2, 1, 1) - 1) / 2
    motion = np.linalg.norm((displacement - displacement[:1]) * scale, axis=1).max(axis=0)
    # A pixel between two places of the latent map is moved by both.
    spread = cv2.dilate(motion.astype(np.float32), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.resize(spread, (width, height), interpolation=cv2.INTER_LINEAR) < MOVING)
