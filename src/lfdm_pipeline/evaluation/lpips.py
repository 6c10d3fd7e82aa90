"""Learned perceptual distance of images (LPIPS; Zhang et al., CVPR 2018), with weights given as a file."""

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError

_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_WIDTHS = (64, 192, 384, 256, 256)


class LPIPS(nn.Module):
    """LPIPS over AlexNet, version 0.1.

    torchmetrics has it too, but builds AlexNet by torchvision, which does not import beside a CPU-only torch; from
    torchmetrics come the published weights of the linear heads.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        # The positions are torchvision's, so that its weights file fits.
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2)),
            *(nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()),
        )
        self.heads = nn.ParameterList(torch.ones(1, width, 1, 1) for width in _WIDTHS)
        self.register_buffer("shift", torch.tensor(_SHIFT).view(3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(_SCALE).view(3, 1, 1), persistent=False)
        self.requires_grad_(False).eval()

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Return the network with AlexNet's weights from torchvision's file (`alexnet-owt-7be5be79.pth`).

        Raises:
            InputError: No such file, or not AlexNet's weights.
        """
        if not path.is_file():
            raise InputError(f"evaluation.reconstruction.lpips_weights: there is no file {path.resolve()}")
        network = cls()
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
            network.features.load_state_dict(
                {name.removeprefix("features."): value for name, value in state.items() if name.startswith("features.")}
            )
        except Exception as error:  # every reader has its own errors for a file that is not its kind
            reason = str(error).splitlines()[0]
            raise InputError(
                f"evaluation.reconstruction.lpips_weights: {path} does not hold AlexNet's weights ({reason})"
            ) from error
        for head, weight in zip(network.heads, _published_heads(), strict=True):
            head.copy_(weight)
        return network

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        """Compare images (B, 3, H, W) in [0, 1]; each distance has shape (B,)."""
        total = torch.zeros(len(a), device=a.device)
        x, y = ((2 * image - 1 - self.shift) / self.scale for image in (a, b))
        heads = iter(self.heads)
        for layer in self.features:
            x, y = layer(x), layer(y)
            if isinstance(layer, nn.ReLU):
                difference = (_unit(x) - _unit(y)).square()
                total = total + (difference * next(heads)).sum(dim=1).mean(dim=(1, 2))
        return total


def _unit(x: Tensor) -> Tensor:
    return x / (x.square().sum(dim=1, keepdim=True).sqrt() + 1e-10)


def _published_heads() -> list[Tensor]:
    import torchmetrics

    path = Path(torchmetrics.__file__).parent / "functional" / "image" / "lpips_models" / "alex.pth"
    state = torch.load(path, map_location="cpu", weights_only=True)
    return [state[f"lin{number}.model.1.weight"] for number in range(len(_WIDTHS))]
