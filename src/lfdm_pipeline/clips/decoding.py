"""Videos to frames: once, in order, counted.

Only reading in order is right for every codec: seeking is off by up to hundreds of frames in AVI files with
B-frames, and the number of frames that a container states may be wrong.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.clips.decord_reading import open_with_decord
from lfdm_pipeline.clips.file_length import require_whole
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.picture_reading import open_pictures
from lfdm_pipeline.clips.pyav_reading import open_with_pyav
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError

Decoder = Literal["pyav", "decord"]

DECODERS: dict[Decoder, Callable[[Path, Framing | None], VideoStream]] = {
    "pyav": open_with_pyav,
    "decord": open_with_decord,
}
"""Ways of decoding video files, by name."""


@dataclass(frozen=True)
class DecodedVideo:
    """A whole video."""

    frames: npt.NDArray[np.uint8]
    """RGB, uint8 (T, H, W, 3)."""
    fps: float | None
    """Frames a second; None for pictures in a folder."""


def decode_video(path: Path, decoder: Decoder = "pyav") -> DecodedVideo:
    """Decode a whole video file or folder of pictures.

    Raises:
        InputError: The file is absent, no video, or damaged.
    """
    stream = open_video(path, decoder)
    return DecodedVideo(np.stack(list(stream.frames)), stream.fps)


def open_video(path: Path, decoder: Decoder = "pyav", framing: Framing | None = None) -> VideoStream:
    """Open a video file, or a folder of pictures in the order of their numbers, to be read frame by frame.

    Args:
        path: The file or folder.
        decoder: What decodes video files.
        framing: What is kept of each frame; None: all of it, as large as it is.

    Raises:
        InputError: There is nothing, or no video; or the file is shorter than it says.
    """
    if path.is_dir():
        return open_pictures(path, framing)
    if not path.is_file():
        raise InputError(f"no video {path}")
    require_whole(path)
    return DECODERS[decoder](path, framing)
