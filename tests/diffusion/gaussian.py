"""Data whose optimal denoiser is known: every value normal with the same mean and deviation."""

from dataclasses import dataclass

from torch import Tensor

from lfdm_pipeline.diffusion.prediction import Prediction
from lfdm_pipeline.diffusion.schedule import Schedule, at


@dataclass(frozen=True)
class GaussianDenoiser:
    """The optimal prediction for x0 ~ N(mean, std^2)."""

    schedule: Schedule
    prediction: Prediction
    mean: float
    std: float

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        a = at(self.schedule.alphas_cumprod, t, x)
        x0 = self.mean + a.sqrt() * self.std**2 / (a * self.std**2 + 1 - a) * (x - a.sqrt() * self.mean)
        noise = (x - a.sqrt() * x0) / (1 - a).sqrt()
        return noise if self.prediction == "epsilon" else a.sqrt() * noise - (1 - a).sqrt() * x0
