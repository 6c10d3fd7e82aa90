"""VGG-19's first convolutions, under torchvision's names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Self

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.convolution import Conv3x3
from lfdm_pipeline.models.layers import channels_last, lay_out_channels_last

_WIDTHS = (64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool", 512, 512, 512, 512, "pool", 512)
_MEAN = (0.485, 0.456, 0.406)
_STD = (0.229, 0.224, 0.225)


class VGG19(nn.Module):
    """Frozen VGG-19 up to relu5_1."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in _WIDTHS:
            if isinstance(width, int):
                layers += [Conv3x3(channels, width), nn.ReLU(inplace=True)]
                channels = width
            else:
                layers.append(nn.MaxPool2d(2))
        self.features = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor(_MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(3, 1, 1), persistent=False)
        self.requires_grad_(False)
        lay_out_channels_last(self)

    @classmethod
    def from_file(cls, path: Path | None = None) -> Self:
        """Return the network with weights under torchvision's names (`features.0.weight` ...).

        Args:
            path: A torch or safetensors file; by default `vgg19-*.pth` in torch's hub cache. Nothing is downloaded.

        Raises:
            InputError: No such file, or not VGG-19's weights.
        """
        path = path or cached_weights()
        network = cls()
        wanted = network.state_dict()
        state = _read(path)
        unfit = [name for name, value in wanted.items() if name not in state or state[name].shape != value.shape]
        if unfit:
            raise InputError(f"{path} does not hold VGG-19's weights: {unfit[0]} is missing or of another shape")
        network.load_state_dict({name: state[name] for name in wanted})
        return network

    def forward(self, image: Tensor) -> list[Tensor]:
        """Return the activations after relu1_1, 2_1, 3_1, 4_1 and 5_1 of images (B, 3, H, W) in [0, 1]."""
        x = channels_last((image - self.mean) / self.std)
        activations = []
        first_of_stage = True
        for layer in self.features:
            x = layer(x)
            if isinstance(layer, nn.ReLU) and first_of_stage:
                activations.append(x)
            first_of_stage = isinstance(layer, nn.MaxPool2d) or (first_of_stage and isinstance(layer, nn.Conv2d))
        return activations


def cached_weights() -> Path:
    """Return the file of VGG-19's weights in torch's hub cache.

    Raises:
        InputError: There is none.
    """
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    found = sorted(folder.glob("vgg19-*.pth"))
    if not found:
        raise InputError(
            f"no VGG-19 weights in {folder}: put torchvision's vgg19-dcbb9e9d.pth there, give its path as "
            "lfae.objective.vgg19_weights, or choose lfae.objective.perceptual=none"
        )
    return found[0]


def _read(path: Path) -> Mapping[str, Tensor]:
    if not path.is_file():
        raise InputError(f"no VGG-19 weights at {path}: correct lfae.objective.vgg19_weights")
    try:
        state = (
            load_file(path)
            if path.suffix == ".safetensors"
            else torch.load(path, map_location="cpu", weights_only=True)
        )
    except Exception as error:  # every reader has its own errors for a file that is not its kind
        raise InputError(f"{path} cannot be read as weights: {str(error).splitlines()[0]}") from error
    if not isinstance(state, Mapping):
        raise InputError(f"{path} does not hold VGG-19's weights but a {type(state).__name__}")
    return state
