"""Motion of the background between two frames (MRAA, section 3.3)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.hourglass import HourglassEncoder


class BackgroundPredictor(nn.Module):
    """Predicts the affine map that takes driving-frame positions of the background to source-frame positions.

    Args:
        width: Base width of the encoder.
        max_width: Its maximum.
        num_blocks: Its halvings.
    """

    last_row: Tensor

    def __init__(self, width: int, max_width: int, num_blocks: int) -> None:
        super().__init__()
        self.encoder = HourglassEncoder(width, 6, num_blocks, max_width)
        self.fc = nn.Linear(self.encoder.out_channels, 6)
        nn.init.zeros_(self.fc.weight)
        with torch.no_grad():
            self.fc.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]))
        self.register_buffer("last_row", torch.tensor([[0.0, 0.0, 1.0]]), persistent=False)

    def forward(self, source: Tensor, driving: Tensor) -> Tensor:
        """Return homogeneous matrices (B, 3, 3) for source and driving (B, 3, H, W)."""
        features = self.encoder(torch.cat([source, driving], dim=1))[-1].float().mean(dim=(2, 3))
        # Half precision would move the background by half a pixel.
        with torch.autocast(features.device.type, enabled=False):
            rows = F.linear(features, self.fc.weight, self.fc.bias).unflatten(1, (2, 3))
        return torch.cat([rows, self.last_row.expand(len(rows), 1, 3)], dim=1)
