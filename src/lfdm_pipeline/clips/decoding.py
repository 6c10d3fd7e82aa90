"""Video files to frames: once, in order, counted.

Only reading in order is right for every codec: seeking is off by up to hundreds of frames in AVI files with
B-frames, and the number of frames that a container states may be wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.errors import InputError

Frame = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class VideoStream:
    """A video opened for reading once, in order."""

    fps: float
    frames: Iterator[Frame]
    """RGB frames uint8 (H, W, 3); raises InputError where the file turns out damaged."""


@dataclass(frozen=True)
class DecodedVideo:
    """A whole video."""

    frames: npt.NDArray[np.uint8]
    """RGB, uint8 (T, H, W, 3)."""
    fps: float


def decode_video(path: Path) -> DecodedVideo:
    """Decode a whole video.

    Raises:
        InputError: The file is absent, no video, or damaged.
    """
    stream = open_video(path)
    return DecodedVideo(np.stack(list(stream.frames)), stream.fps)


def open_video(path: Path, decoder: str | None = None) -> VideoStream:
    """Open a video to be decoded frame by frame, by decord where it is installed and PyAV elsewhere.

    Args:
        path: The file.
        decoder: A name in `DECODERS`; None chooses.

    Raises:
        InputError: The file is absent or no video.
    """
    if not path.is_file():
        raise InputError(f"no video {path}")
    header = _read_header(path)
    read = DECODERS[decoder or ("decord" if find_spec("decord") else "pyav")]
    return VideoStream(header.fps, _checked(path, read(path), header.packets))


@dataclass(frozen=True)
class _Header:
    fps: float
    packets: int


def _read_header(path: Path) -> _Header:
    """Read frame rate and packets without decoding: what is in the file, not what its header says."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError(f"{path} holds no video")
            stream = container.streams.video[0]
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            packets = [packet for packet in container.demux(stream) if packet.size and not packet.is_discard]
    except (av.FFmpegError, OSError, ValueError) as error:
        raise InputError(f"{path} is no readable video: {_reason(error)}") from error
    if not packets or fps <= 0:
        raise InputError(f"{path} is no readable video: it holds no frames")
    if any(packet.is_corrupt for packet in packets):
        raise InputError(f"{path} is damaged: it ends within a frame")
    return _Header(fps, len(packets))


def _checked(path: Path, frames: Iterator[Frame], packets: int) -> Iterator[Frame]:
    """Pass frames on; at the end, their number must be that of the packets.

    A truncated file repeats its last frame without an error. A few frames less than packets are normal: some
    packets show nothing.
    """
    count = 0
    try:
        for frame in frames:
            count += 1
            if count > packets:
                break
            yield frame
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{path} is damaged after frame {count}: {_reason(error)}") from error
    if count > packets:
        raise InputError(f"{path} is damaged: only {packets} of its frames are in the file")
    if count < packets - max(1, packets // 20):
        raise InputError(f"{path} is damaged: only {count} of its {packets} frames can be decoded")


def _read_with_decord(path: Path) -> Iterator[Frame]:
    import decord

    reader = decord.VideoReader(str(path), num_threads=1)
    for _ in range(len(reader)):
        yield reader.next().asnumpy()


def _read_with_pyav(path: Path) -> Iterator[Frame]:
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.video[0]):
            yield frame.to_ndarray(format="rgb24")


DECODERS = {"decord": _read_with_decord, "pyav": _read_with_pyav}
"""Ways of decoding, by name."""


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # decord says where in its sources it failed, and adds a stack of addresses.
    lines = re.sub(r"\[[\d:]+\] \S+: ", "", str(error)).strip().splitlines()
    return lines[0][:120] if lines else type(error).__name__
