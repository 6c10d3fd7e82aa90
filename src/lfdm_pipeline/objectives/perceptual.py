"""Likeness of two images to VGG-19, at several scales (Johnson et al. 2016, as in MRAA)."""

import torch
from torch import Tensor, nn

from lfdm_pipeline.models.antialias import AntiAliasPyramid
from lfdm_pipeline.models.vgg import VGG19


class PerceptualLoss(nn.Module):
    """Mean absolute difference of five activations, summed over an antialias pyramid.

    Args:
        network: VGG-19 with trained weights.
        scales: Of the pyramid, each one over an integer.
        weights: One for each of relu1_1 to relu5_1.
    """

    def __init__(self, network: VGG19, scales: tuple[float, ...], weights: tuple[float, ...]) -> None:
        super().__init__()
        self.network = network
        self.pyramid = AntiAliasPyramid(scales)
        self.weights = weights

    def forward(self, prediction: Tensor, target: Tensor) -> dict[str, Tensor]:
        """Return the term "perceptual" for images (B, 3, H, W) in [0, 1]; the target gets no gradient.

        Float32, also where autocast leaves the activations in half precision.
        """
        with torch.no_grad():
            wanted = [self.network(image) for image in self.pyramid(target)]
        terms = [
            weight * (x.float() - y.float()).abs().mean()
            for image, targets in zip(self.pyramid(prediction), wanted, strict=True)
            for weight, x, y in zip(self.weights, self.network(image), targets, strict=True)
        ]
        return {"perceptual": torch.stack(terms).sum()}
