"""Stage one: move one frame of a clip onto another."""

from collections.abc import Sequence
from typing import Any

from torch import nn

from lfdm_pipeline.models.layers import ResBlock, SameBlock
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.lfae import LFAEObjective
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.step import Step


class LFAEStep(Step):
    """Reconstruction and equivariance of a pair of frames (paper section 3.1)."""

    trained: LFAE
    blocks = (ResBlock, SameBlock)

    def __init__(self, lfae: LFAE, objective: LFAEObjective) -> None:
        super().__init__()
        self.trained = lfae
        self.objective = objective

    @property
    def networks(self) -> Sequence[nn.Module]:
        """The LFAE, and the network or the filters that compare images."""
        return [self.trained, self.objective.reconstruction]

    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Batch: source, driving (B, 3, H, W)."""
        return self.objective(self.trained, batch["source"], batch["driving"], randomness)
