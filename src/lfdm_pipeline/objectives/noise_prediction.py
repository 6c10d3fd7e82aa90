"""The objective of the diffusion model."""

import torch.nn.functional as F
from pydantic import Field
from torch import Tensor

from lfdm_pipeline.diffusion.prediction import training_target
from lfdm_pipeline.diffusion.schedule import cosine_schedule, q_sample
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.options import Options


class DiffusionObjectiveOptions(Options):
    """How the diffusion model is trained."""

    condition_dropout: float = Field(0.1, ge=0, le=1)
    """Share of items whose condition is dropped, so that guidance has an unconditional prediction."""


class DiffusionObjective:
    """Mean squared error of the predicted noise or v at uniformly drawn steps (CVPR 2023, equation 8)."""

    def __init__(self, options: DiffusionObjectiveOptions) -> None:
        self.options = options

    def __call__(self, dm: DM, x0: Tensor, z0: Tensor, cond: Tensor, randomness: Randomness) -> Losses:
        """Draw steps, noise and dropped conditions, and compute the loss.

        Args:
            dm: The model in training.
            x0: Clean targets (B, 3, K, h, w), as `dm.target` encodes them.
            z0: Features of the reference frames (B, C, h, w).
            cond: Condition vectors (B, D).
            randomness: Source of every random number.
        """
        t = randomness.integers(dm.options.timesteps, len(x0)).to(x0.device)
        noise = randomness.normal(*x0.shape).to(x0)
        dropped = randomness.uniform(len(x0)) < self.options.condition_dropout
        return denoising_loss(dm, x0, noise, t, z0, cond.masked_fill(dropped.to(cond.device)[:, None], 0))


def denoising_loss(dm: DM, x0: Tensor, noise: Tensor, t: Tensor, z0: Tensor, cond: Tensor | None) -> Losses:
    """Return the loss for the given noise (B, 3, K, h, w) and steps (B,)."""
    schedule = cosine_schedule(dm.options.timesteps, dm.options.noise_shift)
    predicted = dm.denoiser(q_sample(schedule, x0, t, noise), t, z0, cond)
    target = training_target(dm.options.prediction, schedule, x0, noise, t)
    return Losses.of({dm.options.prediction: F.mse_loss(predicted, target)})
