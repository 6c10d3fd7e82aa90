"""What a stage asks the training loop to train."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.step import Step
from lfdm_pipeline.workspace import Workspace


class Examples(Protocol):
    """Endless examples by draw number: draw `d` is a function of (seed, d) alone."""

    def __getitem__(self, draw: int) -> dict[str, Any]:
        """One example, without the batch dimension."""

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes, for messages."""


@dataclass(frozen=True)
class TrainingTask:
    """One network's training: all that shapes its weights. To be shared with other processes it must be picklable."""

    name: str
    """Prefix of its curves."""
    step: Step
    """What one step computes, with the networks."""
    examples: Examples
    """What it learns from."""
    options: TrainingOptions
    parameters: str
    """Name of the options among the parameters, for messages: `dm.training`."""
    seed: int
    """Of the random numbers inside a step."""
    held_out: Examples | None = None
    """What its validation loss is of."""
    preview: Callable[[], Preview] | None = None
    """Draws what the network, in eval mode, makes of a few examples."""

    def clips_of(self, step: int) -> list[str]:
        """The clips in the batch of step `step` (from 0)."""
        start = step * self.options.batch_size
        return [self.examples.clip_id(draw) for draw in range(start, start + self.options.batch_size)]


@dataclass(frozen=True)
class Job:
    """A training and how it is carried out."""

    task: TrainingTask
    execution: ExecutionOptions
    workspace: Workspace
    """Folder of the artifact that is made; checkpoints of its identity are gone on from."""
    device: str
    """As configured."""
