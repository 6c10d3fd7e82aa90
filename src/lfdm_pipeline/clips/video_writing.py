"""Frames to MP4."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.errors import InputError


def write_video(
    path: Path,
    frames: Iterable[npt.NDArray[np.uint8]],
    fps: float,
    *,
    crf: int = 16,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write RGB frames, uint8 (H, W, 3) each, as H.264 yuv420p in an MP4 that plays while it loads.

    Odd sizes are made even by repeating the last row or column, since yuv420p halves the colour planes.

    Args:
        path: The file, replaced as a whole.
        frames: Frames of one size.
        fps: Frames a second.
        crf: Constant rate factor; lower is better and larger.
        metadata: Texts kept in the file's header.

    Raises:
        InputError: There are no frames, or one differs in size.
    """
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise InputError(f"no frames to write into {path}")
    with replacing(path) as temporary, av.open(str(temporary), "w", options=_MOVFLAGS) as container:
        container.metadata.update(metadata or {})
        height, width = first.shape[:2]
        stream = container.add_stream("libx264", rate=Fraction(fps).limit_denominator(1000))
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        # The same frames are to give the same bytes. x264's macroblock tree reads memory that it never wrote.
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "1", "x264-params": "mbtree=0"}
        for frame in (first, *iterator):
            if frame.shape != first.shape:
                raise InputError(f"{path}: a frame is {frame.shape} after {first.shape}")
            picture = av.VideoFrame.from_ndarray(_even(frame), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


# faststart puts the index first; use_metadata_tags keeps texts under names of one's own.
_MOVFLAGS = {"movflags": "faststart+use_metadata_tags"}


def _even(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    height, width = frame.shape[:2]
    padded = np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return np.ascontiguousarray(padded)
