"""Where a running stage reports to; what listens (MLflow, a test) is the caller's choice."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class RunLog(Protocol):
    """Receiver of live values and pictures."""

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Take the values of named curves at `step`."""

    def picture(self, name: str, image: NDArray[np.uint8], step: int) -> None:
        """Take a picture (H, W, 3) drawn at `step`."""
