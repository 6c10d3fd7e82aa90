"""What a stage gives to the training loop."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from torch import nn

from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness


class Step(nn.Module):
    """One training step: a module, so that data-parallel wrappers see its forward pass.

    Attributes:
        trained: the network whose weights are optimised, averaged, checkpointed and kept.
        blocks: kinds of modules whose activations may be computed again instead of kept.
    """

    trained: nn.Module
    blocks: ClassVar[tuple[type[nn.Module], ...]] = ()

    @abstractmethod
    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Losses of one batch, each the mean over its items; every random number comes from `randomness`."""

    @property
    def networks(self) -> Sequence[nn.Module]:
        """The modules that `forward` calls and that are worth compiling."""
        return [self.trained]
