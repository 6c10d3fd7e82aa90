"""Before stage one: regions that follow a frame's transforms, so that the flow predictor finds them worth using."""

from typing import Any

from lfdm_pipeline.models.layers import SameBlock
from lfdm_pipeline.models.regions import RegionPredictor
from lfdm_pipeline.objectives.lfae import LFAEObjective
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.step import Step


class RegionStep(Step):
    """The objective's terms on regions alone, at a fraction of a full step's cost.

    Not in the paper. Regions that do not follow anything yet teach the flow predictor to trust the background, which a
    short training then hardly unlearns.
    """

    trained: RegionPredictor
    blocks = (SameBlock,)

    def __init__(self, regions: RegionPredictor, objective: LFAEObjective) -> None:
        super().__init__()
        self.trained = regions
        self.objective = objective

    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Batch: driving (B, 3, H, W)."""
        frames = batch["driving"]
        transform = self.objective.draw(len(frames), randomness, frames.device)
        return Losses.of(
            self.objective.region_terms(self.trained(frames), self.trained(transform.warp(frames)), transform)
        )
