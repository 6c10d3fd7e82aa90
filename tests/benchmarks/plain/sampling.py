"""DDIM (Song et al. 2021, equation 12) and decoding in the obvious way: one frame after the other."""

import torch
from tests.benchmarks.plain.denoiser import PlainDenoiser
from tests.benchmarks.plain.lfae import decode, encode
from torch import Tensor

from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.models.lfae import LFAE


def ddim(denoiser: PlainDenoiser, x: Tensor, z0: Tensor, condition: Tensor, timesteps: int, steps: int) -> Tensor:
    """From noise (B, 3, K, h, w) to a clean target, with dynamic thresholding."""
    kept = cosine_schedule(timesteps).alphas_cumprod.to(x)
    visited = [timesteps * (i + 1) // (steps + 1) for i in range(steps)]
    for step, t in reversed(list(enumerate(visited))):
        noise = denoiser(x, torch.full((len(x),), t, device=x.device), z0, condition)
        x0 = (x - (1 - kept[t]).sqrt() * noise) / kept[t].sqrt()
        bound = x0.flatten(1).abs().quantile(0.9, dim=1).clamp(min=1).view(-1, 1, 1, 1, 1)
        x0 = x0.clamp(-bound, bound) / bound
        before = kept[visited[step - 1]] if step else kept.new_ones(())
        x = before.sqrt() * x0 + (1 - before).sqrt() * noise
    return x


def decode_clip(lfae: LFAE, source: Tensor, flow: Tensor, occlusion: Tensor) -> Tensor:
    """Images (B, T, 3, H, W) of flows (B, T, h, w, 2) and occlusion maps (B, T, 1, h, w)."""
    return torch.stack([decode(lfae, source, flow[:, t], occlusion[:, t]) for t in range(flow.shape[1])], dim=1)


def generate(
    denoiser: PlainDenoiser, lfae: LFAE, source: Tensor, noise: Tensor, condition: Tensor, timesteps: int, steps: int
) -> Tensor:
    """Clips (B, T, 3, H, W) from reference frames (B, 3, H, W)."""
    target = ddim(denoiser, noise, encode(lfae, source)[-1], condition, timesteps, steps)
    flow = target[:, :2].permute(0, 2, 3, 4, 1).clamp(-1, 1)
    occlusion = ((target[:, 2:] + 1) / 2).clamp(0, 1).transpose(1, 2)
    return decode_clip(lfae, source, flow, occlusion)
