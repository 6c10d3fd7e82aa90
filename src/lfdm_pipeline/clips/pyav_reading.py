"""Video files by PyAV, told to name damage instead of mending it."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from lfdm_pipeline.clips.frame_count import FrameCount
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import Frame
from lfdm_pipeline.clips.orientation import UPRIGHT, Orientation, orientation_of, upright
from lfdm_pipeline.clips.plane_scaling import PlaneScaling
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError

# FFmpeg also "opens" pictures, texts, and play lists that name other files and addresses.
_CONTAINERS = "avi,mov,matroska,mpeg,mpegts,mpegvideo,asf,flv,ogg,gif"
_OPENING = {"format_whitelist": _CONTAINERS, "protocol_whitelist": "file"}
# A header that claims a huge frame must not take the memory.
_MOST_PIXELS = 2**26
_DECODING = {"err_detect": "explode", "max_pixels": str(_MOST_PIXELS)}


def open_with_pyav(path: Path, framing: Framing | None = None) -> VideoStream:
    """Open a video file.

    Raises:
        InputError: It is no video.
    """
    container = open_container(path)
    stream = container.streams.best("video")
    stream.thread_count = 1
    stream.codec_context.options = _DECODING
    return VideoStream(fps_of(path, stream), _named(path, _frames(path, container, stream, framing)))


def open_container(path: Path) -> Any:
    """Open a video file without decoding anything.

    Raises:
        InputError: It is no video.
    """
    try:
        container = av.open(str(path), options=_OPENING)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError(f"{path} is no readable video: {reason_of(error)}") from error
    stream = container.streams.best("video")
    if stream is None or stream.codec_context is None:
        container.close()
        raise InputError(f"{path} holds no video, or in a coding that is not known")
    if stream.width * stream.height > _MOST_PIXELS:
        container.close()
        raise InputError(f"{path} is damaged: its header claims frames of {stream.width}x{stream.height}")
    return container


def fps_of(path: Path, stream: Any) -> float:
    """Frames a second of a stream, on average.

    Raises:
        InputError: It says nothing sensible.
    """
    fps = float(stream.average_rate or stream.guessed_rate or 0)
    if not 0 < fps < math.inf:
        raise InputError(f"{path} is no readable video: it has no frame rate")
    return fps


def _frames(path: Path, container: Any, stream: Any, framing: Framing | None) -> Iterator[Frame]:
    convert, count, shape = _Converter(framing), FrameCount(path, container, stream), None
    with container:
        for packet in container.demux(stream):
            count.add(packet)
            for frame in packet.decode():
                if frame.is_corrupt:
                    raise InputError(f"{path} is damaged in frame {count.frames}: what it builds on is missing")
                if shape not in (None, (frame.width, frame.height)):
                    raise InputError(f"{path}: the size changes in frame {count.frames}")
                shape = frame.width, frame.height
                count.frames += 1
                yield convert(frame)
    count.require_all()


def _named(path: Path, frames: Iterator[Frame]) -> Iterator[Frame]:
    """Frames, with FFmpeg's errors as the user's."""
    count = 0
    try:
        for frame in frames:
            yield frame
            count += 1
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError(f"{path} is damaged after frame {count}: {reason_of(error)}") from error


class _Converter:
    """Frames of PyAV to RGB."""

    def __init__(self, framing: Framing | None) -> None:
        self._framing = framing
        self._scaling = PlaneScaling(framing) if framing else None
        # One for all frames: it keeps the tables that it makes for the first.
        self._reformatter = VideoReformatter()
        self._orientation: Orientation | None = None

    def __call__(self, frame: Any) -> Frame:
        self._orientation = self._orientation or orientation_of(frame)
        if self._scaling and self._orientation == UPRIGHT:
            square = self._scaling(frame)
            if square is not None:
                return square
        rgb = np.asarray(self._reformatter.reformat(frame, format="rgb24", threads=1).to_ndarray(), np.uint8)
        shown = rgb if self._orientation == UPRIGHT else upright(rgb, self._orientation)
        return self._framing(shown) if self._framing else shown


def reason_of(error: Exception) -> str:
    """What FFmpeg or the system says is wrong, in a few words."""
    said = getattr(error, "strerror", None)
    if said:
        return str(said)
    lines = str(error).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
