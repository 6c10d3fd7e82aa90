"""What ingestion is measured against: a loop in which OpenCV reads, resizes and writes PNG."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PlainJob:
    """Videos or folders of pictures, where frames go, and the length of their longer side."""

    paths: Sequence[Path]
    folder: Path
    size: int


def read_resize_write(job: PlainJob) -> None:
    """Make a PNG file of every frame."""
    for path in job.paths:
        for number, frame in enumerate(_frames(path)):
            height, width = frame.shape[:2]
            longer = max(height, width)
            size = width * job.size // longer, height * job.size // longer
            cv2.imwrite(
                str(job.folder / f"{path.stem}_{number}.png"), cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
            )


def _frames(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    if path.is_dir():
        for picture in sorted(path.iterdir()):
            yield np.asarray(cv2.imread(str(picture)), np.uint8)
    else:
        video = cv2.VideoCapture(str(path))
        while (frame := video.read())[0]:
            yield np.asarray(frame[1], np.uint8)
