"""What ingestion is measured against: `python -m tests.benchmarks.plain_opencv SIZE FOLDER VIDEO…`.

A loop in which OpenCV reads videos or folders of pictures, resizes their longer side and writes PNG.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).parents[2]


def run_in_a_process(videos: Sequence[Path], folder: Path, size: int) -> None:
    """Make a PNG file of every frame, in a process as anybody would start it."""
    command = [sys.executable, "-m", __name__, str(size), str(folder), *map(str, videos)]
    subprocess.run(command, cwd=ROOT, check=True)


def read_resize_write(videos: Sequence[Path], folder: Path, size: int) -> None:
    """Make a PNG file of every frame."""
    for path in videos:
        for number, frame in enumerate(_frames(path)):
            height, width = frame.shape[:2]
            longer = max(height, width)
            scaled = cv2.resize(frame, (width * size // longer, height * size // longer), interpolation=cv2.INTER_AREA)
            cv2.imwrite(str(folder / f"{path.stem}_{number}.png"), scaled)


def _frames(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    if path.is_dir():
        for picture in sorted(path.iterdir()):
            yield np.asarray(cv2.imread(str(picture)), np.uint8)
    else:
        video = cv2.VideoCapture(str(path))
        while (frame := video.read())[0]:
            yield np.asarray(frame[1], np.uint8)


if __name__ == "__main__":
    read_resize_write([Path(video) for video in sys.argv[3:]], Path(sys.argv[2]), int(sys.argv[1]))
