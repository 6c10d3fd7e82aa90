"""How much regions flicker that should stand still."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.evaluation.clip_batches import Clips, uniform_indices
from lfdm_pipeline.evaluation.flow import MOVING, Flows
from lfdm_pipeline.evaluation.scores import Scores


def flicker_scores(name: str, clips: Clips, flows: Flows, clip_ids: Sequence[str], frames: int) -> Scores:
    """Measure how much static regions change from one frame to the next.

    Static is what the clip's own latent flow moves by less than half a pixel, from the first to any other frame, with
    its neighbourhood: there every change is flicker (or compression: compare with real clips).

    Args:
        name: Flat name of the score.
        clips: Frames by clip id.
        flows: Latent flows by clip id.
        clip_ids: Which clips.
        frames: Frames a clip, spread evenly.

    Returns:
        Under `name` the mean absolute change of a value in [0, 1], over static pixels of clips that have any, and
        under `<name>_static_share` the share of pixels that are static. A note where nothing is.
    """
    changes, shares = [], []
    for clip_id in clip_ids:
        displacement, _ = flows.read(clip_id)
        clip, chosen = clips[clip_id], uniform_indices(len(displacement), frames)
        static = static_pixels(displacement[chosen], clip.shape[1], clip.shape[2])
        shares.append(static.mean())
        if static.any():
            shown = clip[chosen][:, static].astype(np.float32) / 255
            changes.append(np.abs(np.diff(shown, axis=0)).mean())
    if not changes:
        return {f"{name}_note": "not measured: no region of any clip stands still"}
    return {name: float(np.mean(changes)), f"{name}_static_share": float(np.mean(shares))}


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
