"""Videos whose every frame carries its number."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Frames = npt.NDArray[np.uint8]

_CODECS = {
    "mjpeg": ("mjpeg", "yuvj420p", {}),
    "mpeg4_b": ("mpeg4", "yuv420p", {"bf": "2"}),
    "h264": ("libx264", "yuv420p", {}),
    "h264_444": ("libx264", "yuv444p", {}),
    "h264_10bit": ("libx264", "yuv420p10le", {}),
    "grey": ("ffv1", "gray", {}),
    "grey_10bit": ("ffv1", "gray10le", {}),
    "lossless": ("ffv1", "yuv420p", {}),
}


def numbered_frames(num_frames: int, height: int = 64, width: int = 96) -> Frames:
    """Frames with their number as eight black or white stripes."""
    frames = np.full((num_frames, height, width, 3), 30, np.uint8)
    stripe = width // 8
    for number in range(num_frames):
        for bit in range(8):
            if number >> bit & 1:
                frames[number, :, bit * stripe : (bit + 1) * stripe] = 220
    return frames


def numbers_in(frames: Frames) -> list[int]:
    """The numbers that `numbered_frames` drew."""
    height, width = frames.shape[1:3]
    stripe = width // 8
    bits = [frames[:, height // 2, bit * stripe + stripe // 2].mean(axis=-1) > 125 for bit in range(8)]
    return [sum(int(bits[bit][t]) << bit for bit in range(8)) for t in range(len(frames))]


def encode(path: Path, codec: str, frames: Frames, fps: int = 25, times: Sequence[int] | None = None) -> Path:
    """Write a video with a codec of `_CODECS` in the container that the suffix names.

    `times` says when each frame is shown, in frames of `fps`; None: one after the other.
    """
    name, pixels, options = _CODECS[codec]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(name, rate=fps, options={**options, "threads": "1"})
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pixels
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            if times is not None:
                picture.pts, picture.time_base = times[number], Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return path


def turn(path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """Note in an MP4 file how it is to be shown: the signs (a, b, c, d) of the matrix of its track header."""
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 44
    a, b, c, d = (int(sign << 16).to_bytes(4, "big", signed=True) for sign in matrix)
    zero, one = bytes(4), (1 << 30).to_bytes(4, "big")
    content[start : start + 36] = b"".join((a, b, zero, c, d, zero, zero, zero, one))
    path.write_bytes(content)
    return path
