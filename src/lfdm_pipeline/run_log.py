"""Where a running stage reports to; what listens (MLflow, a test) is the caller's choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Preview:
    """What a network in training makes of a few examples."""

    picture: NDArray[np.uint8]
    """(H, W, 3)."""
    video: NDArray[np.uint8]
    """(T, H, W, 3)."""
    fps: float
    """Frames a second of the video."""


class RunLog(Protocol):
    """Receiver of live values, pictures and videos."""

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Take the values of named curves at `step`."""

    def preview(self, name: str, preview: Preview, step: int) -> None:
        """Take what a network makes of a few examples at `step`."""
