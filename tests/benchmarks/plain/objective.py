"""Objectives of both stages in the obvious way."""

import torch
import torch.nn.functional as F
from tests.benchmarks.plain.denoiser import PlainDenoiser
from tests.benchmarks.plain.lfae import antialias, convolve, encode, identity, move, regions
from torch import Tensor, nn

from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.vgg import VGG19
from lfdm_pipeline.objectives.equivariance import Transform
from lfdm_pipeline.objectives.lfae import LFAEObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness


def lfae_loss(
    lfae: LFAE, vgg: VGG19, options: LFAEObjectiveOptions, source: Tensor, driving: Tensor, drawn: Transform
) -> Tensor:
    """The paper's objective of stage one for pairs of frames (B, 3, H, W)."""
    output = move(lfae, source, driving)
    grid = identity(driving)
    where = moved(drawn, grid.view(1, -1, 2)).view(-1, *grid.shape)
    there = regions(lfae, F.grid_sample(driving, where, padding_mode="reflection", align_corners=False))
    back = moved(drawn, there.shift)
    rows = [torch.autograd.grad(back[..., i].sum(), there.shift, create_graph=True)[0] for i in range(2)]
    value = torch.linalg.inv(output.driving.affine) @ torch.stack(rows, dim=-2) @ there.affine
    value = value * value[..., :1, :1].detach().sign()
    return (
        perceptual_loss(vgg, options, output.prediction, driving)
        + options.equivariance_shift_weight * (output.driving.shift - back).abs().mean()
        + options.equivariance_affine_weight * (torch.eye(2, device=value.device) - value).abs().mean()
    )


def moved(drawn: Transform, points: Tensor) -> Tensor:
    """Positions (B, N, 2) after the affine and thin-plate transform."""
    side = round(drawn.tps.shape[-1] ** 0.5)
    control = identity(drawn.tps.new_zeros(side, side)).view(-1, 2)
    radius = (points[:, :, None] - control).abs().sum(-1)
    plate = (drawn.tps * radius**2 * torch.log(radius + 1e-6)).sum(-1, keepdim=True)
    return (
        torch.einsum("bij,bnj->bni", drawn.theta, F.pad(points.expand(len(plate), -1, -1), (0, 1), value=1.0)) + plate
    )


def perceptual_loss(vgg: VGG19, options: LFAEObjectiveOptions, prediction: Tensor, target: Tensor) -> Tensor:
    total = prediction.new_zeros(())
    for scale in options.perceptual_scales:
        pairs = zip(
            activations(vgg, antialias(prediction, scale)), activations(vgg, antialias(target, scale)), strict=True
        )
        for weight, (found, wanted) in zip(options.perceptual_weights, pairs, strict=True):
            total = total + weight * (found - wanted.detach()).abs().mean()
    return total


def activations(vgg: VGG19, image: Tensor) -> list[Tensor]:
    """After relu1_1 to relu5_1."""
    x, found, following = (image - vgg.mean) / vgg.std, [], True
    for layer in vgg.features:
        if isinstance(layer, nn.Conv2d):
            x = convolve(layer, x)
        else:
            x = F.relu(x) if isinstance(layer, nn.ReLU) else layer(x)
        if isinstance(layer, nn.ReLU) and following:
            found.append(x)
            following = False
        following = following or isinstance(layer, nn.MaxPool2d)
    return found


def denoising_loss(
    denoiser: PlainDenoiser, timesteps: int, lfae: LFAE, batch: dict[str, Tensor], randomness: Randomness
) -> Tensor:
    """The paper's objective of stage two: the noise in cached absolute flows."""
    with torch.no_grad():
        feature = encode(lfae, batch["reference"])[-1]
    grid = identity(batch["occlusion"]).permute(2, 0, 1)[:, None]
    x0 = torch.cat([batch["displacement"] + grid, 2 * batch["occlusion"] - 1], dim=1)
    t = randomness.integers(timesteps, len(x0)).to(x0.device)
    noise = randomness.normal(*x0.shape).to(x0)
    dropped = randomness.uniform(len(x0)).to(x0.device) < 0.1
    kept = cosine_schedule(timesteps).alphas_cumprod.to(x0)[t].view(-1, 1, 1, 1, 1)
    condition = torch.where(dropped[:, None], 0.0, batch["condition"])
    predicted = denoiser(kept.sqrt() * x0 + (1 - kept).sqrt() * noise, t, feature, condition)
    return F.mse_loss(predicted, noise)
