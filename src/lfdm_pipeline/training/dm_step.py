"""Stage two: the distribution of latent flow sequences given a reference frame and a condition."""

from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import nn

from lfdm_pipeline.models.denoiser import Level, Middle
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.step import Step


class DMStep(Step):
    """Denoising of cached latent flows (paper section 3.2); the frozen LFAE only encodes the reference frame.

    The reference frame is encoded here and not cached, so that its colour jitter reaches the features.
    """

    trained: DM
    lfae: LFAE
    blocks = (Level, Middle)

    def __init__(self, dm: DM, lfae: LFAE, objective: DiffusionObjective) -> None:
        super().__init__()
        self.trained = dm
        self.lfae = lfae.requires_grad_(False)
        self.objective = objective

    def train(self, mode: bool = True) -> Self:
        """Set the mode of the DM; the LFAE stays in eval mode."""
        super().train(mode)
        self.lfae.eval()
        return self

    @property
    def networks(self) -> Sequence[nn.Module]:
        """The denoiser, which is called by itself."""
        return [self.trained.denoiser]

    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Batch: displacement (B, 2, K, h, w), occlusion (B, 1, K, h, w), reference (B, 3, H, W), condition (B, D)."""
        with torch.no_grad():
            feature = self.lfae.encode(batch["reference"])
            x0 = self.trained.target.encode(batch["displacement"], batch["occlusion"])
        return self.objective(self.trained, x0, feature, batch["condition"], randomness)
