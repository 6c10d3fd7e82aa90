"""Video files by decord, which has wheels for Linux on x86-64 only and mends damage without saying so."""

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np

from lfdm_pipeline.clips.frame_count import FrameCount
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import Frame
from lfdm_pipeline.clips.orientation import UPRIGHT, Orientation, orientation_of, upright
from lfdm_pipeline.clips.pyav_reading import fps_of, open_container, reason_of
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError, UnavailableError


def open_with_decord(path: Path, framing: Framing | None = None) -> VideoStream:
    """Open a video file.

    Raises:
        InputError: It is no video.
        UnavailableError: decord is not installed.
    """
    if find_spec("decord") is None:
        raise UnavailableError("decord is not installed: set ingestion.decoder to pyav")
    fps, orientation, count = _read_header(path)
    left_to_do = _left_to_do(orientation)
    frames = (frame if left_to_do == UPRIGHT else upright(frame, left_to_do) for frame in _checked(path, count))
    return VideoStream(fps, map(framing, frames) if framing else frames)


def _read_header(path: Path) -> tuple[float, Orientation, FrameCount]:
    """What decord does not tell: frame rate, orientation, and how many packets there are."""
    try:
        with open_container(path) as container:
            orientation = orientation_of(next(container.decode(container.streams.best("video"))))
        with open_container(path) as container:
            stream = container.streams.best("video")
            count = FrameCount(path, container, stream)
            for packet in container.demux(stream):
                count.add(packet)
            return fps_of(path, stream), orientation, count
    except (av.FFmpegError, OSError, ValueError, StopIteration) as error:
        raise InputError(f"{path} is no readable video: {reason_of(error)}") from error


def _left_to_do(orientation: Orientation) -> Orientation:
    # decord turns frames on its own, and takes one that is mirrored for one that is turned only.
    a, b, c, d = orientation
    if a * d - b * c > 0:
        return UPRIGHT
    return (1, 0, 0, -1) if a else (-1, 0, 0, 1)


def _checked(path: Path, count: FrameCount) -> Iterator[Frame]:
    try:
        for frame in _decoded(path):
            count.frames += 1
            yield frame
    except Exception as error:
        raise InputError(f"{path} is damaged after frame {count.frames}: {_reason(error)}") from error
    # A file that was cut off repeats its last frame without an error.
    count.require_all()


def _decoded(path: Path) -> Iterator[Frame]:
    import decord

    reader = decord.VideoReader(str(path), num_threads=1)
    for _ in range(len(reader)):
        frame = np.asarray(reader.next().asnumpy(), np.uint8)
        # decord takes what pads the rows of a frame less than 64 pixels wide for a fourth colour.
        height, width = frame.shape[:2]
        yield np.ascontiguousarray(frame.reshape(height, -1)[:, : 3 * width]).reshape(height, width, 3)


def _reason(error: Exception) -> str:
    # decord says where in its sources it failed, and adds a stack of addresses.
    lines = re.sub(r"\[[\d:]+\] \S+: ", "", str(error)).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
