"""Latent flow and occlusion from the regions of two frames (MRAA, section 3.4)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lfdm_pipeline.models.antialias import AntiAlias
from lfdm_pipeline.models.grids import axis, warp_each
from lfdm_pipeline.models.hourglass import Hourglass
from lfdm_pipeline.models.regions import Regions, inverse, matmul, spread


class FlowPredictor(nn.Module):
    """Weighs the background's and every region's motion at each position.

    One source may have several driving frames (T): what depends on the source alone is computed once.

    Args:
        num_regions: K.
        width: Base width of the hourglass.
        max_width: Its maximum.
        num_blocks: Its halvings.
        scale: Resolution of the flow relative to the image's.
        use_occlusion: Without it the occlusion map is one everywhere.
        aligned: How grids are sampled, see `grids`.
    """

    def __init__(
        self,
        num_regions: int,
        width: int,
        max_width: int,
        num_blocks: int,
        scale: float,
        use_occlusion: bool,
        aligned: bool,
    ) -> None:
        super().__init__()
        self.aligned = aligned
        self.down = AntiAlias(scale)
        self.hourglass = Hourglass(width, 4 * (num_regions + 1), num_blocks, max_width)
        self.mask = nn.Conv2d(self.hourglass.out_channels, num_regions + 1, 7, padding=3)
        self.occlusion = nn.Conv2d(self.hourglass.out_channels, 1, 7, padding=3) if use_occlusion else None
        if self.occlusion is not None:
            # Training begins by keeping what was warped, not by repainting half of everything.
            nn.init.constant_(self.occlusion.get_parameter("bias"), 2.0)

    def forward(
        self, source: Tensor, source_regions: Regions, driving_regions: Regions, background: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the backward flow (B, T, h, w, 2) and the occlusion map (B, T, 1, h, w).

        Args:
            source: Images (B, 3, H, W).
            source_regions: Their regions, leading dimension (B,).
            driving_regions: Those of the driving frames, leading dimensions (B, T).
            background: Motions of the background (B, T, 3, 3).
        """
        source = self.down(source)
        batch, count = background.shape[:2]
        height, width = source.shape[2:]
        grids = candidate_grids(source_regions, driving_regions, background, height, width)
        source_heat = region_heat(source_regions, height, width).unsqueeze(1)
        heat = region_heat(driving_regions, height, width) - source_heat
        # (B, T, K+1, 3, h, w) beside (B, T, K+1, 1, h, w): the channels interleave as heat, red, green, blue.
        warped = warp_each(source, grids.flatten(1, 2), self.aligned).unflatten(1, grids.shape[1:3])
        heat = F.pad(heat, (0, 0, 0, 0, 1, 0)).unsqueeze(3)
        evidence = torch.cat([heat, warped], dim=3).flatten(2, 3).flatten(0, 1)
        features = self.hourglass(evidence)
        weights, occlusion = self._heads(features)
        flow = (weights.unflatten(0, (batch, count)).unsqueeze(-1) * grids).sum(dim=2)
        return flow, occlusion.unflatten(0, (batch, count))

    def _heads(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the candidates' weights (N, K+1, h, w) and the occlusion map (N, 1, h, w)."""
        if self.occlusion is None:
            weights = self.mask(features).float().softmax(dim=1)
            return weights, torch.ones_like(weights[:, :1])
        # As one convolution: a kernel with a single output channel would cost as much as one with sixteen.
        # Weights that a domain lends are plain tensors: `get_parameter` would not find them.
        heads = (self.mask, self.occlusion)
        weight = torch.cat([head.weight for head in heads])
        bias = torch.cat([head.bias for head in heads if head.bias is not None])
        logits = F.conv2d(features, weight, bias, padding=self.mask.padding).float()
        return logits[:, :-1].softmax(dim=1), logits[:, -1:].sigmoid()


def candidate_grids(source: Regions, driving: Regions, background: Tensor, height: int, width: int) -> Tensor:
    """Return where each of the K+1 motions, the background's first, takes every position.

    Region k's is `A (z - shift_driving) + shift_source`, A being `affine_source @ inverse(affine_driving)`
    times the sign of its own [0, 0] entry.

    Args:
        source: Regions of the source, leading dimension (B,).
        driving: Regions of the driving frames, leading dimensions (B, T).
        background: (B, T, 3, 3), last row (0, 0, 1), so the division by the third coordinate is left out.
        height: Of the grids.
        width: Of the grids.

    Returns:
        (B, T, K+1, height, width, 2).
    """
    linear = matmul(source.affine.unsqueeze(1), inverse(driving.affine))
    linear = torch.where(linear[..., :1, :1] < 0, -linear, linear)
    offset = source.shift.unsqueeze(1) - (linear * driving.shift.unsqueeze(-2)).sum(-1)
    linear = torch.cat([background[:, :, None, :2, :2], linear], dim=2)
    offset = torch.cat([background[:, :, None, :2, 2], offset], dim=2)
    x, y = axis(width, linear.device), axis(height, linear.device)
    along_x = linear[..., None, None, :, 0] * x[:, None]
    along_y = linear[..., None, None, :, 1] * y[:, None, None] + offset[..., None, None, :]
    return along_x + along_y


def region_heat(regions: Regions, height: int, width: int) -> Tensor:
    """Return exp(-d^T covar^-1 d / 2), d a position's offset from a centre, (..., K, height, width)."""
    a, b, d, det = spread(regions.covar)
    dx = axis(width, det.device) - regions.shift[..., 0:1]
    dy = axis(height, det.device) - regions.shift[..., 1:2]
    square_x = (d / det)[..., None] * dx * dx
    square_y = (a / det)[..., None] * dy * dy
    cross = ((-2 * b / det)[..., None] * dx).unsqueeze(-2) * dy.unsqueeze(-1)
    return torch.exp(-0.5 * (square_x.unsqueeze(-2) + square_y.unsqueeze(-1) + cross))
