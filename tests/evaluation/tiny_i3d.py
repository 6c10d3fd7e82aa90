"""A stand-in for the I3D file: the same calling convention, ten features, a few hundred bytes of program."""

from pathlib import Path

import torch
from torch import Tensor


class TinyI3D(torch.nn.Module):
    """Means and spreads over a clip and how much it changes, in the range that I3D is given."""

    def forward(self, x: Tensor, rescale: bool = False, resize: bool = False, return_features: bool = False) -> Tensor:
        if rescale:
            x = x / 127.5 - 1.0
        if not return_features:
            return x[:, 0, 0, 0, :1]
        changes = x[:, :, 1:] - x[:, :, :-1]
        size = torch.full([x.size(0), 1], float(x.size(3)), device=x.device)
        parts = [x.mean([2, 3, 4]), x.std([2, 3, 4]), changes.abs().mean([2, 3, 4]), size]
        return torch.cat(parts, dim=1)


def write_tiny_i3d(path: Path) -> Path:
    torch.jit.script(TinyI3D()).save(str(path))
    return path
