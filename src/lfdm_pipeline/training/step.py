"""What a stage gives to the training loop."""

from abc import abstractmethod
from typing import Any

from torch import nn

from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness


class Step(nn.Module):
    """One training step: a module, so that data-parallel wrappers see its forward pass.

    Attributes:
        trained: the network whose weights are optimised, averaged, checkpointed and kept.
    """

    trained: nn.Module

    @abstractmethod
    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Losses of one batch; every random number comes from `randomness`."""
