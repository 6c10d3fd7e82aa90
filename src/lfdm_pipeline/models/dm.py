"""The diffusion model: a denoiser and what it draws."""

from typing import Literal

from pydantic import Field
from torch import nn

from lfdm_pipeline.models.denoiser import Denoiser, DenoiserOptions
from lfdm_pipeline.models.flow_target import FlowTarget, TargetKind
from lfdm_pipeline.options import Options


class DMOptions(Options):
    """The diffusion model of stage two."""

    denoiser: DenoiserOptions = DenoiserOptions()
    """Sizes of the denoiser."""
    target: TargetKind = "absolute"
    """What is drawn: absolute grids (paper), or displacement, standardised over the training flows."""
    prediction: Literal["epsilon", "v"] = "epsilon"
    """What the denoiser predicts: epsilon, the noise (paper), or v (Salimans and Ho 2022)."""
    timesteps: int = Field(1000, ge=2)
    """Steps T of the diffusion."""
    noise_shift: float = Field(1.0, gt=0)
    """How much noisier the cosine schedule is made at every step; 1 is the paper's. A motion is so smooth that a
    few percent of it among noise give it away, and what the condition has to decide is decided before."""


class DM(nn.Module):
    """Denoiser and target of the diffusion over latent flow clips (CVPR 2023, section 3.2)."""

    def __init__(self, options: DMOptions) -> None:
        super().__init__()
        self.options = options
        self.denoiser = Denoiser(options.denoiser)
        self.target = FlowTarget(options.target)
