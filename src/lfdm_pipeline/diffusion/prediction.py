"""What the denoiser predicts, and the conversions between x0, noise and v.

With a the cumulated alpha at t: x_t = sqrt(a) x0 + sqrt(1 - a) epsilon and, for Salimans and Ho (2022, section 4),
v = sqrt(a) epsilon - sqrt(1 - a) x0.
"""

from typing import Literal

from torch import Tensor

from lfdm_pipeline.diffusion.schedule import Schedule, at

Prediction = Literal["epsilon", "v"]


def training_target(prediction: Prediction, schedule: Schedule, x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """Return what the denoiser should predict for x_t made of x0 and noise (B, ...) at steps t (B,)."""
    if prediction == "epsilon":
        return noise
    signal, spread = _signal_and_spread(schedule, t, x0)
    return signal * noise - spread * x0


def to_x0(prediction: Prediction, schedule: Schedule, predicted: Tensor, x_t: Tensor, t: Tensor) -> Tensor:
    """Return the clean target that a prediction at x_t stands for."""
    signal, spread = _signal_and_spread(schedule, t, x_t)
    if prediction == "epsilon":
        return (x_t - spread * predicted) / signal
    return signal * x_t - spread * predicted


def _signal_and_spread(schedule: Schedule, t: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    return at(schedule.alphas_cumprod.sqrt(), t, like), at((1 - schedule.alphas_cumprod).sqrt(), t, like)
