"""What a stage asks the training loop to train."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.training.options import TrainingOptions
from lfdm_pipeline.training.step import Step


class Examples(Protocol):
    """Endless examples by draw number: draw `d` is a function of (seed, d) alone."""

    def __getitem__(self, draw: int) -> dict[str, Any]:
        """One example, without the batch dimension."""

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes, for messages."""


@dataclass(frozen=True)
class TrainingTask:
    """One network's training: all that shapes its weights."""

    name: str
    """Prefix of its curves."""
    step: Step
    """What one step computes, with the networks."""
    examples: Examples
    """What it learns from."""
    options: TrainingOptions
    seed: int
    """Of the random numbers inside a step."""
    preview: Callable[[], NDArray[np.uint8]] | None = None
    """Draws the present state as a picture (H, W, 3)."""
