"""A new domain: repaint what a frozen flow moves, or find the flow anew, too."""

from collections.abc import Sequence
from typing import Any, Self

from torch import nn

from lfdm_pipeline.models.layers import ResBlock, SameBlock
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.lfae import LFAEObjective
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.step import Step


class DecoderStep(Step):
    """Reconstruction of a pair of frames by what is trained of an LFAE, the rest of which is frozen.

    The paper's section 4.4 finetunes the image decoder on unlabelled clips of a new domain. Frozen parts are in eval
    mode, so that their batch-norm statistics stay as they are, too.

    Args:
        lfae: The whole network.
        trained: What of it is trained: layers of its decoder, or an adapter.
        objective: Stage one's.
        changes_flow: Whether an adapter also changes how flows are found. Then all of the objective is taken, which
            keeps regions at their places and, where it says so, occlusion maps in doubt; else reconstruction alone.
    """

    blocks = (ResBlock, SameBlock)

    def __init__(self, lfae: LFAE, trained: nn.Module, objective: LFAEObjective, changes_flow: bool) -> None:
        super().__init__()
        self.lfae = lfae.requires_grad_(False)
        self.trained = trained.requires_grad_(True)
        self.objective = objective
        self.changes_flow = changes_flow

    def train(self, mode: bool = True) -> Self:
        """Set the mode of what is trained; the rest stays in eval mode."""
        super().train(mode)
        self.lfae.eval()
        self.trained.train(mode)
        return self

    @property
    def networks(self) -> Sequence[nn.Module]:
        """The whole LFAE, and what compares images."""
        return [self.lfae, self.objective.reconstruction]

    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Batch: source, driving (B, 3, H, W)."""
        if self.changes_flow:
            return self.objective(self.lfae, batch["source"], batch["driving"], randomness)
        prediction = self.lfae(batch["source"], batch["driving"]).prediction
        return Losses.of(self.objective.reconstruction(prediction, batch["driving"]))
