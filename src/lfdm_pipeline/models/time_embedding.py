"""The embedding of the diffusion step."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class TimeEmbedding(nn.Module):
    """Sinusoids of the diffusion step, then two linear layers with a GELU between: (B,) to (B, 4 * dim)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.hidden = nn.Linear(dim, 4 * dim)
        self.out = nn.Linear(4 * dim, 4 * dim)

    def forward(self, t: Tensor) -> Tensor:
        """Embed the steps."""
        return self.out(F.gelu(self.hidden(sinusoid(t, self.dim))))


def sinusoid(t: Tensor, dim: int) -> Tensor:
    """Sines, then cosines, of (B,) steps at dim / 2 frequencies from 1 down to 1e-4: (B, dim)."""
    half = dim // 2
    frequencies = torch.exp(-math.log(10_000.0) / (half - 1) * torch.arange(half, device=t.device))
    angles = t[:, None] * frequencies
    return torch.cat([angles.sin(), angles.cos()], dim=1)
