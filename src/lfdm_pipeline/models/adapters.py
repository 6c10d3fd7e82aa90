"""What a decoder does differently for one domain, beside weights that stay as they are."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from lfdm_pipeline.models.generator import Generator
from lfdm_pipeline.options import Options

DecoderLayer = Literal["bottleneck", "up_blocks", "final"]
DECODER: tuple[DecoderLayer, ...] = ("bottleneck", "up_blocks", "final")
"""The generator's layers behind the warped feature map: residual blocks, up blocks, last convolution. The paper
finetunes "the image decoder", which is all of them."""


class AdapterOptions(Options):
    """Size of a domain's adapter."""

    layers: tuple[DecoderLayer, ...] = Field(DECODER, min_length=1)
    """Layers of the decoder that it changes."""
    rank: int = Field(4, ge=1)
    """Rank of its change of each convolution's kernel, taken as a matrix with a row an output channel."""


class DecoderAdapter(nn.Module):
    """Changes of a decoder's weights: of low rank for convolutions, whole for biases and norms; none at first.

    Batch-norm statistics stay those of the decoder (Hu et al., arXiv 2106.09685, for linear layers).

    Args:
        generator: What it will change; not kept.
        options: Layers and rank.
    """

    def __init__(self, generator: Generator, options: AdapterOptions) -> None:
        super().__init__()
        self.changes, self.inward, self.outward = (nn.ParameterDict() for _ in range(3))
        for name, weight in decoder_parameters(generator, options.layers).items():
            key = _key(name)
            if weight.ndim == 1:
                self.changes[key] = nn.Parameter(torch.zeros_like(weight))
            else:
                outputs, inputs = weight.flatten(1).shape
                self.inward[key] = nn.Parameter(torch.randn(options.rank, inputs) / inputs**0.5)
                self.outward[key] = nn.Parameter(torch.zeros(outputs, options.rank))

    def weights(self, generator: Generator) -> dict[str, Tensor]:
        """The changed weights by their names in the generator, which stays as it is."""
        changed = {}
        for name, weight in generator.named_parameters():
            key = _key(name)
            if key in self.changes:
                changed[name] = weight + self.changes[key]
            elif key in self.inward:
                changed[name] = weight + (self.outward[key] @ self.inward[key]).view_as(weight)
        return changed


def decoder_layers(generator: Generator, layers: tuple[DecoderLayer, ...]) -> nn.ModuleDict:
    """The generator's own layers by name."""
    return nn.ModuleDict({layer: getattr(generator, layer) for layer in layers})


def decoder_parameters(generator: Generator, layers: tuple[DecoderLayer, ...]) -> dict[str, nn.Parameter]:
    """Their parameters by the names they have in the generator."""
    return {name: p for name, p in generator.named_parameters() if name.split(".")[0] in layers}


def _key(name: str) -> str:
    # Parameters in a dictionary must not have dots in their names.
    return name.replace(".", "-")
