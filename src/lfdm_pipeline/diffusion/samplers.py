"""Drawing from the diffusion model by the samplers of diffusers."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from lfdm_pipeline.diffusion.guidance import Predict
from lfdm_pipeline.diffusion.prediction import Prediction, to_x0
from lfdm_pipeline.diffusion.schedule import Schedule
from lfdm_pipeline.diffusion.thresholding import DYNAMIC_QUANTILE
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options


class SamplerOptions(Options):
    """How clips are drawn; the defaults are the paper's."""

    name: Literal["ddpm", "ddim", "dpm_solver++", "unipc"] = "ddpm"
    """Sampler: ddpm (Ho et al. 2020), ddim (Song et al. 2021), dpm_solver++ (Lu et al. 2022) or unipc (Zhao et al.
    2023); the last two are of second order and need the fewest steps."""
    steps: int = Field(1000, ge=1)
    """Denoising steps, at most those of the diffusion."""
    eta: float = Field(0.0, ge=0, le=1)
    """Noise that ddim adds back: 0 none, 1 as much as ddpm."""
    guidance_scale: float = 1.0
    """Classifier-free guidance; 1 follows the condition as learned, more exaggerates it at twice the cost."""

    @property
    def key(self) -> str:
        """Name and steps, fit to be part of a score's name: `ddim_10`."""
        return f"{self.name.replace('+', 'p')}_{self.steps}"

    @model_validator(mode="after")
    def _eta_belongs_to_ddim(self) -> Self:
        if self.eta and self.name != "ddim":
            raise ValueError(f"eta={self.eta} means something to ddim only, not to {self.name}")
        return self


@torch.no_grad()
def sample(
    predict: Predict,
    shape: tuple[int, ...],
    generators: Sequence[torch.Generator],
    schedule: Schedule,
    prediction: Prediction,
    options: SamplerOptions,
    *,
    bound: Tensor | None = None,
    device: torch.device | str = "cpu",
    on_step: Callable[[], object] | None = None,
) -> Tensor:
    """Draw one clean target for each generator.

    The chain starts at the last step of the diffusion for v prediction. For noise prediction it starts at about
    (1 - 1 / (steps + 1)) of it, as the paper's does: noise says nothing of x0 where no signal is left.

    Args:
        predict: The denoiser's prediction, guidance included.
        shape: Shape of one item, (3, K, h, w).
        generators: The only source of noise, one for each item on the CPU, so that an item does not depend on
            what it is drawn together with.
        schedule: The schedule that the denoiser was trained with.
        prediction: What the denoiser predicts.
        options: Sampler, steps and eta.
        bound: Clamps the predicted x0 at every step, of a shape that broadcasts to an item's; None thresholds it
            dynamically at the 0.9 quantile.
        device: Where to compute.
        on_step: Called after every step, for a progress bar.

    Returns:
        Shape (B, *shape), B the number of generators.

    Raises:
        InputError: More steps than the diffusion has.
    """
    if options.steps > schedule.timesteps:
        raise InputError(f"sampler.steps={options.steps} exceeds the diffusion's {schedule.timesteps} steps")
    # The schedulers of diffusers cannot clamp each channel at its own bound: they are handed the clamped x0 itself.
    scheduler = _scheduler(schedule, prediction, options, hands_x0=bound is not None)
    scheduler.set_timesteps(options.steps)
    extra = _step_arguments(options, list(generators))
    x = torch.stack([torch.randn(shape, generator=generator) for generator in generators]).to(device)
    x0 = x
    for step in scheduler.timesteps:
        t = torch.full((len(x),), int(step), device=x.device)
        predicted = predict(x, t)
        if bound is not None:
            predicted = to_x0(prediction, schedule, predicted, x, t).clamp(-bound, bound)
        result = scheduler.step(predicted, step, x, **extra)
        x = result.prev_sample
        # DDIM's last step may end a step short of x0 where the steps do not divide the diffusion's.
        x0 = result.pred_original_sample if options.name == "ddim" else x
        if on_step:
            on_step()
    return x0


def _scheduler(schedule: Schedule, prediction: Prediction, options: SamplerOptions, *, hands_x0: bool) -> Any:
    import diffusers

    common = {
        "num_train_timesteps": schedule.timesteps,
        "trained_betas": schedule.betas.tolist(),
        "prediction_type": "sample" if hands_x0 else {"epsilon": "epsilon", "v": "v_prediction"}[prediction],
        "thresholding": not hands_x0,
        "dynamic_thresholding_ratio": DYNAMIC_QUANTILE,
        # diffusers bounds the threshold itself; ours has no upper bound.
        "sample_max_value": torch.finfo(torch.float32).max,
        "timestep_spacing": {"epsilon": "leading", "v": "trailing"}[prediction],
    }
    clip = {"clip_sample": False}
    if options.name == "ddpm":
        return diffusers.DDPMScheduler(**common, **clip, variance_type="fixed_small")
    if options.name == "ddim":
        return diffusers.DDIMScheduler(**common, **clip, set_alpha_to_one=True)
    if options.name == "dpm_solver++":
        return diffusers.DPMSolverMultistepScheduler(**common, algorithm_type="dpmsolver++")
    return diffusers.UniPCMultistepScheduler(**common)


def _step_arguments(options: SamplerOptions, generators: list[torch.Generator]) -> dict[str, Any]:
    if options.name == "ddpm":
        return {"generator": generators}
    return {"eta": options.eta, "generator": generators} if options.name == "ddim" else {}
