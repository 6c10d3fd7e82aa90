"""The noise schedule: tables of the forward process and of one reverse step."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Schedule:
    """Tables of a diffusion of T steps, each (T,) in float64.

    Attributes:
        betas: Variance that step t adds.
        alphas_cumprod: Share of the signal's variance left after step t.
        posterior_mean_x0: Weight of x0 in the mean of q(x_{t-1} | x_t, x0) (Ho et al. 2020, equation 7).
        posterior_mean_x_t: Weight of x_t in it.
        posterior_log_variance: Its log variance; the variance, zero at t = 0, is clipped at 1e-20.
    """

    betas: Tensor
    alphas_cumprod: Tensor
    posterior_mean_x0: Tensor
    posterior_mean_x_t: Tensor
    posterior_log_variance: Tensor

    @property
    def timesteps(self) -> int:
        """T, the number of steps."""
        return len(self.betas)


def cosine_schedule(timesteps: int, shift: float = 1.0, s: float = 0.008) -> Schedule:
    """Return the cosine schedule of Nichol and Dhariwal (2021, equation 17), betas clipped at 0.9999.

    Args:
        timesteps: T.
        shift: Divides the ratio of signal to noise (of amplitudes) at every step (Hoogeboom et al. 2023, section 3.1);
            1 leaves the schedule as published.
        s: Keeps the first betas from vanishing.
    """
    time = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64)
    alpha_bar = ((time + s) / (1 + s) * torch.pi / 2).cos().square()
    alpha_bar = alpha_bar / alpha_bar[0]
    alpha_bar = alpha_bar / (alpha_bar + shift**2 * (1 - alpha_bar))
    return from_betas((1 - alpha_bar[1:] / alpha_bar[:-1]).clamp(max=0.9999))


def from_betas(betas: Tensor) -> Schedule:
    """Return the schedule of the given (T,) betas."""
    alphas = 1 - betas.double()
    alphas_cumprod = alphas.cumprod(0)
    previous = torch.cat([alphas_cumprod.new_ones(1), alphas_cumprod[:-1]])
    variance = betas * (1 - previous) / (1 - alphas_cumprod)
    return Schedule(
        betas=betas.double(),
        alphas_cumprod=alphas_cumprod,
        posterior_mean_x0=betas * previous.sqrt() / (1 - alphas_cumprod),
        posterior_mean_x_t=(1 - previous) * alphas.sqrt() / (1 - alphas_cumprod),
        posterior_log_variance=variance.clamp(min=1e-20).log(),
    )


def at(table: Tensor, t: Tensor, like: Tensor) -> Tensor:
    """Return the entries of a float64 table at steps (B,), shaped and typed to multiply `like` (B, ...)."""
    entries = table.float().to(like.device)[t.to(like.device)]
    return entries.to(like.dtype).reshape(-1, *[1] * (like.ndim - 1))


def q_sample(schedule: Schedule, x0: Tensor, t: Tensor, noise: Tensor) -> Tensor:
    """Draw from q(x_t | x0) with the given noise, all (B, ...), t (B,) (Ho et al. 2020, equation 4)."""
    signal = at(schedule.alphas_cumprod.sqrt(), t, x0)
    return signal * x0 + at((1 - schedule.alphas_cumprod).sqrt(), t, x0) * noise
