"""Whether generated clips show whom the reference frame shows."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from lfdm_pipeline.clips.tensors import frames_tensor, image_tensor
from lfdm_pipeline.evaluation.clip_batches import Clips, uniform_indices
from lfdm_pipeline.evaluation.scores import Scores

Frame = NDArray[np.uint8]

DIRECTIONS, PATCH, STRIDE, QUANTILES, SCALES = 24, 5, 2, 32, 2


def appearance(images: Tensor) -> Tensor:
    """Describe the colours and textures of images, wherever in the image they are.

    The difference of two descriptions, averaged, is a sliced 1-Wasserstein distance between the images'
    distributions of 5x5 patches at full and half size (Rabin et al., 2011; Karras et al., 2018, section 5): it needs no
    weights, and what merely moves does not change it. It tells people apart by skin, hair and clothes, not by bones:
    it is no face recogniser.

    Args:
        images: (B, 3, H, W) in [0, 1].

    Returns:
        (B, N).
    """
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn(DIRECTIONS, 3, PATCH, PATCH, generator=generator).to(images)
    directions = directions / directions.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
    levels = torch.linspace(0, 1, QUANTILES).to(images)
    parts = []
    for scale in range(SCALES):
        projected = F.conv2d(F.avg_pool2d(images, 2**scale), directions, stride=STRIDE).flatten(2)
        parts.append(torch.quantile(projected, levels, dim=2).permute(1, 2, 0).flatten(1))
    return torch.cat(parts, dim=1)


def identity_scores(
    clips: Clips, clip_ids: Sequence[str], subjects: Sequence[str], reference: Callable[[str], Frame], frames: int
) -> Scores:
    """Compare generated clips with their own reference frame, and with one of every other subject.

    Args:
        clips: Generated frames by name.
        clip_ids: Which clips.
        subjects: Who is seen in each.
        reference: Gives the frame (H, W, 3) that a clip starts from, by its name; one is in memory at a time.
        frames: Frames a clip, spread evenly.

    Returns:
        `identity.distance`, the appearance distance to a clip's own reference frame; where there are several subjects
        also `identity.stranger_distance`, that to the others' reference frames, and `identity.accuracy`, the share of
        clips that are nearer to their own than to any other subject's (chance: `identity.chance`).
    """
    first = dict(zip(reversed(subjects), reversed(clip_ids), strict=True))
    looks = {subject: _look(reference(clip_id)) for subject, clip_id in first.items()}
    own, strangers, right = [], [], []
    asked = zip(clip_ids, subjects, strict=True)
    for clip_id, subject in tqdm(asked, total=len(clip_ids), desc="identity", unit="clip"):
        described = _described(clips, clip_id, frames)
        own.append(_distance(described, _look(reference(clip_id))))
        others = [_distance(described, look) for other, look in looks.items() if other != subject]
        if others:
            strangers.append(np.mean(others))
            right.append(own[-1] < min(others))
    scores: Scores = {"identity.distance": float(np.mean(own))}
    if strangers:
        scores["identity.stranger_distance"] = float(np.mean(strangers))
        scores["identity.accuracy"] = float(np.mean(right))
        scores["identity.chance"] = 1 / len(looks)
    return scores


def real_identity(clips: Clips, clip_ids: Sequence[str], frames: int) -> Scores:
    """Return `identity.real_distance`: how far real clips stray from their own first frame."""
    distances = []
    for clip_id in clip_ids:
        described = _described(clips, clip_id, frames)
        distances.append(_distance(described, described[:1]))
    return {"identity.real_distance": float(np.mean(distances))}


@torch.inference_mode()
def _described(clips: Clips, clip_id: str, frames: int) -> Tensor:
    clip = clips[clip_id]
    return appearance(frames_tensor(np.asarray(clip[uniform_indices(len(clip), frames)])))


@torch.inference_mode()
def _look(reference: Frame) -> Tensor:
    return appearance(image_tensor(reference)[None])


def _distance(described: Tensor, look: Tensor) -> float:
    return float((described - look).abs().mean())
