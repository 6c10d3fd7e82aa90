"""What a stage gives to the training loop."""

from abc import abstractmethod
from typing import Any

import torch
from torch import nn

from lfdm_pipeline.objectives.losses import Losses


class Step(nn.Module):
    """One training step: a module, so that data-parallel wrappers see its forward pass.

    Attributes:
        trained: the network whose weights are optimised, averaged, checkpointed and kept.
    """

    trained: nn.Module

    @abstractmethod
    def forward(self, batch: dict[str, Any], generator: torch.Generator) -> Losses:
        """Losses of one batch; every random number comes from `generator`."""
