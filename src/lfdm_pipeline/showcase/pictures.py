"""Pictures and how they are enlarged and put together."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

Picture = NDArray[np.uint8]  # (H, W, 3) RGB
Clip = NDArray[np.uint8]  # (T, H, W, 3) RGB


def to_frames(images: Tensor) -> Clip:
    """Turn images (T, C, H, W) in [0, 1], C 1 or 3, into frames uint8 (T, H, W, 3)."""
    shaded = (images.detach().float().clamp(0, 1) * 255).round().byte().expand(-1, 3, -1, -1)
    return shaded.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def enlarge(picture: Picture, factor: int) -> Picture:
    """Enlarge a picture smoothly (Lanczos) by a whole factor."""
    return picture if factor == 1 else resized(picture, picture.shape[0] * factor, picture.shape[1] * factor)


def resized(picture: Picture, height: int, width: int) -> Picture:
    """Resize a picture: smoothly upwards (Lanczos), by area downwards."""
    shrinks = height < picture.shape[0]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(picture, (width, height), interpolation=interpolation), dtype=np.uint8)


def factor_for(size: int, wanted: int) -> int:
    """Return the smallest whole factor that brings `size` pixels to at least `wanted`."""
    return -(-wanted // size)


def held(clip: Clip, num_frames: int) -> Clip:
    """Lengthen a clip to `num_frames` by holding its last frame."""
    return clip[np.minimum(np.arange(num_frames), len(clip) - 1)]


def padded(clip: Clip, num_frames: int, edge: int = 4) -> Clip:
    """Lengthen a clip to `num_frames`: the first frame up to `edge` times more, the last for the rest.

    Clips of 32 frames come to 40 by four of each, as in the supplement's comparison of models.
    """
    before = min(edge, max(0, num_frames - len(clip)) // 2)
    return held(np.concatenate([np.repeat(clip[:1], before, axis=0), clip]), max(num_frames, len(clip)))


def alike(clips: Sequence[Clip]) -> list[Clip]:
    """Bring clips to the size of the largest and the length of the longest, shorter ones standing still at both ends.

    A still (T = 1) stays one.
    """
    height, width = max((clip.shape[1:3] for clip in clips), key=lambda size: size[0])
    length = max(map(len, clips))
    longer = [clip if len(clip) == 1 else padded(clip, length) for clip in clips]
    return [
        clip if clip.shape[1:3] == (height, width) else np.stack([resized(frame, height, width) for frame in clip])
        for clip in longer
    ]


def filmstrip(frames: Sequence[Picture], gap: int, colour: tuple[int, int, int]) -> Picture:
    """Put pictures of one height beside each other."""
    spacer = np.full((frames[0].shape[0], gap, 3), colour, np.uint8)
    parts = [part for frame in frames for part in (spacer, frame)][1:]
    return np.concatenate(parts, axis=1)
