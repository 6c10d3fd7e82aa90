"""What an LFAE does differently for one domain, beside weights that stay as they are."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from lfdm_pipeline.options import Options

Layer = Literal["bottleneck", "up_blocks", "final", "region_predictor", "background_predictor", "flow_predictor"]

DECODER: tuple[Layer, ...] = ("bottleneck", "up_blocks", "final")
"""The generator's layers behind the warped feature map: residual blocks, up blocks, last convolution. The paper
finetunes "the image decoder", which is all of them."""
PREDICTORS: tuple[Layer, ...] = ("region_predictor", "background_predictor", "flow_predictor")
"""What finds the flow and the occlusion map between two frames. The paper freezes all of it."""


class AdapterOptions(Options):
    """Size of a domain's adapter."""

    layers: tuple[Layer, ...] = Field(DECODER, min_length=1)
    """Parts of the LFAE that it changes: layers of the decoder, predictors. The encoder stays as the DM knows it."""
    rank: int = Field(4, ge=1)
    """Rank of its change of each kernel, taken as a matrix with a row an output channel."""


class DomainAdapter(nn.Module):
    """Changes of an LFAE's weights: of low rank for kernels, whole for biases and norms; none at first.

    Batch-norm statistics stay those of the LFAE (Hu et al., arXiv 2106.09685, for linear layers).

    Args:
        lfae: What it will change; not kept.
        options: Parts and rank.
    """

    def __init__(self, lfae: nn.Module, options: AdapterOptions) -> None:
        super().__init__()
        self.changes, self.inward, self.outward = (nn.ParameterDict() for _ in range(3))
        for name, weight in named_parameters(lfae, options.layers).items():
            key = _key(name)
            if weight.ndim == 1:
                self.changes[key] = nn.Parameter(torch.zeros_like(weight))
            else:
                outputs, inputs = weight.flatten(1).shape
                self.inward[key] = nn.Parameter(torch.randn(options.rank, inputs) / inputs**0.5)
                self.outward[key] = nn.Parameter(torch.zeros(outputs, options.rank))

    def weights(self, lfae: nn.Module, part: str) -> dict[str, Tensor]:
        """The changed weights of a child of the LFAE, which stays as it is, by their names in that child."""
        changed = {}
        for name, weight in lfae.get_submodule(part).named_parameters():
            key = _key(f"{part}.{name}")
            if key in self.changes:
                changed[name] = weight + self.changes[key]
            elif key in self.inward:
                changed[name] = weight + (self.outward[key] @ self.inward[key]).view_as(weight)
        return changed


def named_layers(lfae: nn.Module, layers: tuple[Layer, ...]) -> nn.ModuleDict:
    """The LFAE's own layers and predictors by name."""
    return nn.ModuleDict({layer: lfae.get_submodule(_path(layer)) for layer in layers})


def named_parameters(lfae: nn.Module, layers: tuple[Layer, ...]) -> dict[str, nn.Parameter]:
    """Their parameters by the names they have in the LFAE."""
    prefixes = tuple(f"{_path(layer)}." for layer in layers)
    return {name: parameter for name, parameter in lfae.named_parameters() if name.startswith(prefixes)}


def _path(layer: Layer) -> str:
    return f"generator.{layer}" if layer in DECODER else layer


def _key(name: str) -> str:
    # Parameters in a dictionary must not have dots in their names; adapters that were kept before predictors could be
    # adapted name the generator's layers alone.
    return name.removeprefix("generator.").replace(".", "-")
