"""What a training process tells the one that started it."""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from lfdm_pipeline.run_log import Preview


@dataclass(frozen=True)
class Logged:
    """Values of named curves."""

    values: Mapping[str, float]
    step: int


@dataclass(frozen=True)
class Previewed:
    """What the network makes of a few examples."""

    name: str
    preview: Preview
    step: int


@dataclass(frozen=True)
class Finished:
    """The last step is taken and saved."""


@dataclass(frozen=True)
class Interrupted:
    """A signal asked to stop, and what was done is saved."""


@dataclass(frozen=True)
class Failed:
    """The process could not go on."""

    reason: str
    for_user: bool = False
    """Whether the reason is the whole message for the user."""
    trace: str = ""
    order: int = 2
    """Of several processes' reasons the one with the smallest number is told."""


Message = Logged | Previewed | Finished | Interrupted | Failed


class MessageLog:
    """A run log that sends everything through a pipe."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def send(self, message: Message) -> None:
        """Send at once."""
        pickle.dump(message, self._pipe)
        self._pipe.flush()

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Send the values of named curves at `step`."""
        self.send(Logged(values, step))

    def preview(self, name: str, preview: Preview, step: int) -> None:
        """Send what a network makes of a few examples at `step`."""
        self.send(Previewed(name, preview, step))
