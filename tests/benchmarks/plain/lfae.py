"""The latent flow auto-encoder in the obvious way, on the weights of a fast one.

The source repeated for every candidate motion, singular values and inverses by LAPACK, the two-dimensional Gaussian,
grids made anew, one driving frame a source.
"""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from einops import repeat
from torch import Tensor, nn

from lfdm_pipeline.models.hourglass import Hourglass
from lfdm_pipeline.models.layers import ResBlock, SameBlock
from lfdm_pipeline.models.lfae import LFAE


class PlainRegions(NamedTuple):
    shift: Tensor
    covar: Tensor
    affine: Tensor


class PlainOutput(NamedTuple):
    prediction: Tensor
    flow: Tensor
    occlusion: Tensor
    source: PlainRegions
    driving: PlainRegions


def move(lfae: LFAE, source: Tensor, driving: Tensor) -> PlainOutput:
    """Move source frames onto driving frames, (B, 3, H, W) each."""
    source_regions, driving_regions = regions(lfae, source), regions(lfae, driving)
    flow, occlusion = estimate(lfae, source, source_regions, driving_regions, background(lfae, source, driving))
    return PlainOutput(decode(lfae, source, flow, occlusion), flow, occlusion, source_regions, driving_regions)


def flow_between(lfae: LFAE, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
    """Flow (B, h, w, 2) and occlusion (B, 1, h, w) without the decoding of frames."""
    found = regions(lfae, source), regions(lfae, driving)
    return estimate(lfae, source, *found, background(lfae, source, driving))


def regions(lfae: LFAE, image: Tensor) -> PlainRegions:
    """Soft regions of images (B, 3, H, W)."""
    network = lfae.region_predictor
    logits = network.regions(hourglass(network.predictor, antialias(image, lfae.options.region_scale)))
    heat = (logits.flatten(2) / network.temperature).softmax(-1).unflatten(2, logits.shape[2:])
    grid = identity(heat)
    shift = torch.einsum("bkyx,yxi->bki", heat, grid)
    offset = grid - shift[:, :, None, None]
    covar = torch.einsum("bkyx,bkyxi,bkyxj->bkij", heat, offset, offset)
    u, s, _ = torch.linalg.svd(covar)
    # The published convention: determinant -1.
    u = torch.stack([u[..., 0], -torch.linalg.det(u)[..., None].detach().sign() * u[..., 1]], dim=-1)
    return PlainRegions(shift, covar, u @ torch.diag_embed(s.sqrt()))


def background(lfae: LFAE, source: Tensor, driving: Tensor) -> Tensor:
    """Motion of the background (B, 3, 3)."""
    x = torch.cat([source, driving], dim=1)
    for block in lfae.background_predictor.encoder.down_blocks:
        x = down(block, x)
    rows = lfae.background_predictor.fc(x.mean((2, 3))).view(-1, 2, 3)
    return torch.cat([rows, rows.new_tensor([[[0.0, 0.0, 1.0]]]).repeat(len(rows), 1, 1)], dim=1)


def estimate(
    lfae: LFAE, source: Tensor, source_regions: PlainRegions, driving_regions: PlainRegions, background: Tensor
) -> tuple[Tensor, Tensor]:
    """Flow (B, h, w, 2) and occlusion (B, 1, h, w)."""
    network = lfae.flow_predictor
    small = antialias(source, lfae.options.estimate_scale)
    heat = region_heat(driving_regions, small) - region_heat(source_regions, small)
    heat = torch.cat([torch.zeros_like(heat[:, :1]), heat], dim=1)
    grids = candidate_motions(source_regions, driving_regions, background, identity(small))
    repeated = repeat(small, "b c y x -> (b k) c y x", k=grids.shape[1])
    warped = sample(lfae, repeated, grids.flatten(0, 1)).unflatten(0, grids.shape[:2])
    features = hourglass(network.hourglass, torch.cat([heat[:, :, None], warped], dim=2).flatten(1, 2))
    weights = network.mask(features).softmax(1)
    return (weights[..., None] * grids).sum(1), network.occlusion(features).sigmoid()


def region_heat(found: PlainRegions, image: Tensor) -> Tensor:
    """(B, K, h, w)."""
    offset = identity(image) - found.shift[:, :, None, None]
    inverse = torch.linalg.inv(found.covar)
    return torch.exp(-0.5 * torch.einsum("bkyxi,bkij,bkyxj->bkyx", offset, inverse, offset))


def candidate_motions(source: PlainRegions, driving: PlainRegions, background: Tensor, grid: Tensor) -> Tensor:
    """(B, K + 1, h, w, 2), the background's first."""
    still = torch.einsum("bij,yxj->byxi", background, F.pad(grid, (0, 1), value=1.0))
    linear = source.affine @ torch.linalg.inv(driving.affine)
    linear = linear * linear[..., :1, :1].detach().sign()
    offset = grid - driving.shift[:, :, None, None]
    moved = torch.einsum("bkij,bkyxj->bkyxi", linear, offset) + source.shift[:, :, None, None]
    return torch.cat([(still[..., :2] / still[..., 2:])[:, None], moved], dim=1)


def encode(lfae: LFAE, source: Tensor) -> list[Tensor]:
    """Activations from (B, 64, H, W) to z0."""
    activations = [same(lfae.generator.first, source)]
    for block in lfae.generator.down_blocks:
        activations.append(down(block, activations[-1]))
    return activations


def decode(lfae: LFAE, source: Tensor, flow: Tensor, occlusion: Tensor) -> Tensor:
    """Images (B, 3, H, W) of a flow (B, h, w, 2) and an occlusion map (B, 1, h, w)."""

    def resized(image: Tensor, like: Tensor) -> Tensor:
        return F.interpolate(image, like.shape[2:], mode="bilinear", align_corners=lfae.options.aligned)

    def warped(image: Tensor) -> Tensor:
        return sample(lfae, image, resized(flow.permute(0, 3, 1, 2), image).permute(0, 2, 3, 1))

    def blend(skip: Tensor, out: Tensor) -> Tensor:
        kept = resized(occlusion, skip)
        return warped(skip) * kept + out * (1 - kept)

    generator = lfae.generator
    skips = encode(lfae, source)
    x = warped(skips[-1]) * occlusion
    for block in generator.bottleneck:
        x = residual(block, x)
    for block in generator.up_blocks:
        x = up(block, blend(skips.pop(), x))
    return blend(source, generator.final(blend(skips.pop(), x)).sigmoid())


def hourglass(network: Hourglass, x: Tensor) -> Tensor:
    skips = [x]
    for block in network.encoder.down_blocks:
        skips.append(down(block, skips[-1]))
    x = skips.pop()
    for block in network.up_blocks:
        x = torch.cat([up(block, x), skips.pop()], dim=1)
    return x


def same(block: nn.Module, x: Tensor) -> Tensor:
    assert isinstance(block, SameBlock)
    return F.relu(block.norm(convolve(block.conv, x)))


def down(block: nn.Module, x: Tensor) -> Tensor:
    return F.avg_pool2d(same(block, x), 2)


def up(block: nn.Module, x: Tensor) -> Tensor:
    return same(block, F.interpolate(x, scale_factor=2.0))


def residual(block: nn.Module, x: Tensor) -> Tensor:
    assert isinstance(block, ResBlock)
    y = convolve(block.conv1, F.relu(block.norm1(x)))
    return x + convolve(block.conv2, F.relu(block.norm2(y)))


def convolve(conv: nn.Conv2d, x: Tensor) -> Tensor:
    return F.conv2d(x, conv.weight, conv.bias, padding=conv.padding)


def sample(lfae: LFAE, image: Tensor, grid: Tensor) -> Tensor:
    return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=lfae.options.aligned)


def identity(image: Tensor) -> Tensor:
    """The grid (h, w, 2) of an image's pixels."""
    y, x = (torch.linspace(-1, 1, size, device=image.device) for size in image.shape[-2:])
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)


def antialias(image: Tensor, scale: float) -> Tensor:
    """Blur by a Gaussian, then take every (1 / scale)-th pixel."""
    if scale == 1:
        return image
    sigma = (1 / scale - 1) / 2
    radius = round(4 * sigma)
    axis = torch.arange(-radius, radius + 1, device=image.device)
    kernel = torch.exp(-(axis[:, None] ** 2 + axis**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).expand(image.shape[1], 1, -1, -1)
    stride = round(1 / scale)
    return F.conv2d(image, kernel, padding=radius, groups=image.shape[1])[:, :, ::stride, ::stride]
