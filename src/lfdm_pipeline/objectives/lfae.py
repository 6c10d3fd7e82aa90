"""Stage one's objective: reconstruction of the driving frame, and equivariance of the regions."""

from pathlib import Path
from typing import Literal

import torch
from pydantic import Field, NonNegativeFloat
from torch import Tensor, nn

from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.regions import Regions
from lfdm_pipeline.models.vgg import VGG19
from lfdm_pipeline.objectives.certainty import certainty
from lfdm_pipeline.objectives.equivariance import Transform, affine_error, random_transform, shift_error
from lfdm_pipeline.objectives.locality import concentration, crowding
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.perceptual import PerceptualLoss
from lfdm_pipeline.objectives.pyramid import PyramidLoss
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.options import Options

_Weights5 = tuple[NonNegativeFloat, NonNegativeFloat, NonNegativeFloat, NonNegativeFloat, NonNegativeFloat]


class LFAEObjectiveOptions(Options):
    """Terms and weights of stage one's objective; the defaults are the paper's."""

    perceptual: Literal["vgg19", "none"] = "vgg19"
    """Compare images by VGG-19 activations (vgg19), or by an L1 and SSIM pyramid that needs no weights (none)."""
    vgg19_weights: Path | None = None
    """VGG-19 weights under torchvision's names; by default those in torch's hub cache."""
    perceptual_scales: tuple[float, ...] = Field((1.0, 0.5, 0.25, 0.125), min_length=1)
    """Scales at which VGG-19 sees the images, each one over an integer."""
    perceptual_weights: _Weights5 = (10.0, 10.0, 10.0, 10.0, 10.0)
    """Weights of the activations relu1_1 to relu5_1."""
    pyramid_scales: tuple[float, ...] = Field((1.0, 0.5, 0.25), min_length=1)
    """Scales of the L1 and SSIM pyramid, each one over an integer."""
    l1_weight: NonNegativeFloat = 50.0
    """Weight of the mean absolute difference at each scale of the pyramid."""
    ssim_weight: NonNegativeFloat = 10.0
    """Weight of (1 - SSIM) / 2 at each scale of the pyramid."""
    equivariance_shift_weight: NonNegativeFloat = 10.0
    """Weight of the regions' centres following a random transform."""
    equivariance_affine_weight: NonNegativeFloat = 10.0
    """Weight of the regions' frames following a random transform."""
    concentration_weight: NonNegativeFloat = 0.0
    """Weight of the regions' extent; beyond the paper, for short trainings."""
    crowding_weight: NonNegativeFloat = 0.0
    """Weight of regions being near each other; beyond the paper, for short trainings."""
    crowding_distance: float = Field(0.15, gt=0)
    """What is near, in grid units (half the picture's width is 1)."""
    occlusion_weight: NonNegativeFloat = 0.0
    """Weight of the occlusion map being sure of itself; beyond the paper, for short trainings, which otherwise keep
    all of the warped picture and leave the decoder nothing to learn from."""
    transform_affine_std: NonNegativeFloat = 0.05
    """Standard deviation of the random transform's affine entries around the identity."""
    transform_thin_plate_std: NonNegativeFloat = 0.005
    """Standard deviation of its thin-plate parameters."""
    transform_control_points: int = Field(5, ge=2)
    """Its thin-plate control points along one axis."""


class LFAEObjective(nn.Module):
    """Loss of an LFAE on pairs of frames of the same clip.

    Args:
        options: Terms and weights.

    Raises:
        InputError: VGG-19 is asked for and its weights are absent.
    """

    def __init__(self, options: LFAEObjectiveOptions) -> None:
        super().__init__()
        self.options = options
        self.reconstruction: nn.Module
        if options.perceptual == "vgg19":
            network = VGG19.from_file(options.vgg19_weights)
            self.reconstruction = PerceptualLoss(network, options.perceptual_scales, options.perceptual_weights)
        else:
            self.reconstruction = PyramidLoss(options.pyramid_scales, options.l1_weight, options.ssim_weight)

    def draw(self, batch: int, randomness: Randomness, device: torch.device) -> Transform:
        """Draw the equivariance transform of `batch` frames."""
        return random_transform(
            batch,
            randomness,
            device,
            affine_std=self.options.transform_affine_std,
            thin_plate_std=self.options.transform_thin_plate_std,
            num_control_points=self.options.transform_control_points,
        )

    def forward(self, lfae: LFAE, source: Tensor, driving: Tensor, transform: Transform | Randomness) -> Losses:
        """Return the loss of moving source frames onto driving frames.

        Args:
            lfae: The network, or a wrapper of it for several processes.
            source: (B, 3, H, W) in [0, 1].
            driving: (B, 3, H, W).
            transform: The equivariance transform, or what to draw it from.

        Returns:
            Parts "perceptual" (or "l1" and "ssim"), "equivariance_shift" and "equivariance_affine".
        """
        if isinstance(transform, Randomness):
            transform = self.draw(len(driving), transform, driving.device)
        output = lfae(source, driving, transform.warp(driving))
        return Losses.of(
            self.reconstruction(output.prediction, driving)
            | self.region_terms(output.driving_regions, output.transformed_regions, transform)
            | self._occlusion(output.occlusion)
        )

    def region_terms(self, regions: Regions, transformed: Regions, transform: Transform) -> dict[str, Tensor]:
        """Return the terms on the regions of a frame and of the same frame transformed."""
        shift, affine = (error(regions, transformed, transform) for error in (shift_error, affine_error))
        return {
            "equivariance_shift": self.options.equivariance_shift_weight * shift,
            "equivariance_affine": self.options.equivariance_affine_weight * affine,
        } | self._locality(regions)

    def _occlusion(self, occlusion: Tensor) -> dict[str, Tensor]:
        weight = self.options.occlusion_weight
        return {"occlusion": weight * certainty(occlusion)} if weight else {}

    def _locality(self, regions: Regions) -> dict[str, Tensor]:
        options = self.options
        if not (options.concentration_weight or options.crowding_weight):
            return {}
        return {
            "concentration": options.concentration_weight * concentration(regions),
            "crowding": options.crowding_weight * crowding(regions, options.crowding_distance),
        }
