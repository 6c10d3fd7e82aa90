"""Many clips in one picture."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.store import ClipStore

_COLUMNS = 12
_MOST = 96
_THUMBNAIL = 96


def contact_sheet(store: ClipStore, clip_ids: Sequence[str]) -> npt.NDArray[np.uint8]:
    """Middle frames of clips, evenly chosen where they are many, as one picture uint8 (H, W, 3)."""
    chosen = [clip_ids[i] for i in np.unique(np.linspace(0, len(clip_ids) - 1, _MOST).astype(int))]
    thumbnails = [_thumbnail(store[clip_id]) for clip_id in chosen]
    columns = min(_COLUMNS, len(thumbnails))
    blank = [np.zeros_like(thumbnails[0])] * (-len(thumbnails) % columns)
    rows = [np.hstack((thumbnails + blank)[start : start + columns]) for start in range(0, len(thumbnails), columns)]
    return np.vstack(rows)


def _thumbnail(frames: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    frame = frames[len(frames) // 2]
    resized = cv2.resize(np.ascontiguousarray(frame), (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, np.uint8)
