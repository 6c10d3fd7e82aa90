"""The probe: a classifier of real clips that evaluation judges generated ones with."""

from typing import Any

from torch.nn import functional as F

from lfdm_pipeline.models.probe import Probe
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.step import Step


class ProbeStep(Step):
    """Cross-entropy of a batch of labelled clips."""

    def __init__(self, probe: Probe) -> None:
        super().__init__()
        self.trained = probe

    def forward(self, batch: dict[str, Any], randomness: Randomness) -> Losses:
        """Batch: frames (B, 3, K, H, W), label (B,)."""
        logits = self.trained(batch["frames"])
        accuracy = (logits.argmax(1) == batch["label"]).float().mean()
        return Losses(F.cross_entropy(logits, batch["label"]), {"accuracy": accuracy})
