"""What published files hold beside weights: tables that follow from the architecture."""

import torch
from torch import Tensor

from lfdm_pipeline.diffusion.schedule import cosine_schedule
from lfdm_pipeline.models.antialias import gaussian

COLOURS = 3


def shrinking_kernel(scale: float) -> Tensor | None:
    """The antialias Gaussian (3, 1, n, n) of a network that sees images at `scale`; None where it sees them whole."""
    stride = round(1 / scale)
    if stride == 1:
        return None
    kernel = gaussian(stride)
    return torch.outer(kernel, kernel).expand(COLOURS, 1, -1, -1).clone()


def rotary_frequencies(head_dim: int) -> Tensor:
    """The frequencies (head_dim / 2,) of temporal attention's rotary positions."""
    return 10_000.0 ** (-torch.arange(0, head_dim, 2) / head_dim)


def schedule_tables(timesteps: int) -> dict[str, Tensor]:
    """The tables (T,) of the cosine schedule under their published names."""
    schedule = cosine_schedule(timesteps)
    kept = schedule.alphas_cumprod
    before = torch.cat([kept.new_ones(1), kept[:-1]])
    tables = {
        "betas": schedule.betas,
        "alphas_cumprod": kept,
        "alphas_cumprod_prev": before,
        "sqrt_alphas_cumprod": kept.sqrt(),
        "sqrt_one_minus_alphas_cumprod": (1 - kept).sqrt(),
        "log_one_minus_alphas_cumprod": (1 - kept).log(),
        "sqrt_recip_alphas_cumprod": (1 / kept).sqrt(),
        "sqrt_recipm1_alphas_cumprod": (1 / kept - 1).sqrt(),
        "posterior_variance": schedule.betas * (1 - before) / (1 - kept),
        "posterior_log_variance_clipped": schedule.posterior_log_variance,
        "posterior_mean_coef1": schedule.posterior_mean_x0,
        "posterior_mean_coef2": schedule.posterior_mean_x_t,
    }
    return {name: table.float() for name, table in tables.items()}
