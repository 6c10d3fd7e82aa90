"""Drawing from the diffusion model by the samplers of diffusers."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor

from lfdm_pipeline.diffusion.guidance import Predict
from lfdm_pipeline.diffusion.prediction import Prediction, to_x0
from lfdm_pipeline.diffusion.schedule import Schedule
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options

_DYNAMIC_QUANTILE = 0.9


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

    Args:
        predict: The denoiser's prediction, guidance included.
        shape: Shape of one item, (3, K, h, w).
        generators: The only source of noise, one for each item on the CPU, so that an item does not depend on
            what it is drawn together with.
        schedule: The schedule that the denoiser was trained with.
        prediction: What the denoiser predicts.
        options: Sampler, steps and eta.
        bound: Clamps the predicted x0 at every step, of a shape that broadcasts to an item's; None thresholds it
            dynamically at the 0.9 quantile (Saharia et al. 2022, section 2.3).
        device: Where to compute.
        on_step: Called after every step, for a progress bar.

    Returns:
        Shape (B, *shape), B the number of generators.

    Raises:
        InputError: More steps than the diffusion has.
    """
    noise = torch.stack([torch.randn(shape, generator=generator) for generator in generators]).to(device)
    return denoise(predict, noise, generators, schedule, prediction, options, bound=bound, on_step=on_step)


@torch.no_grad()
def denoise(
    predict: Predict,
    noise: Tensor,
    generators: Sequence[torch.Generator],
    schedule: Schedule,
    prediction: Prediction,
    options: SamplerOptions,
    *,
    bound: Tensor | None = None,
    on_step: Callable[[], object] | None = None,
) -> Tensor:
    """Turn noise (B, ...) into clean targets of its shape; all else is as for `sample`."""
    steps = visited_steps(schedule.timesteps, options.steps, prediction)
    # The schedulers of diffusers cannot clamp each channel at its own bound: they are handed the clamped x0 itself.
    scheduler = scheduler_of(schedule.alphas_cumprod[steps], prediction, options, hands_x0=bound is not None)
    extra = _step_arguments(options, list(generators))
    x = noise
    for index, step in zip(scheduler.timesteps, reversed(steps), strict=True):
        t = torch.full((len(x),), step, device=x.device)
        predicted = predict(x, t)
        if bound is not None:
            predicted = to_x0(prediction, schedule, predicted, x, t).clamp(-bound, bound)
        x = scheduler.step(predicted, index, x, **extra).prev_sample
        if on_step:
            on_step()
    return x


def visited_steps(timesteps: int, count: int, prediction: Prediction) -> list[int]:
    """Return the steps of a diffusion that a chain of `count` visits, ascending and evenly spread.

    For v prediction the chain starts at the very last one. For noise prediction it starts at (1 - 1 / (count + 1)) of
    them, as the published one does: noise says nothing of x0 where no signal is left.

    Raises:
        InputError: More steps than the diffusion has.
    """
    if count > timesteps:
        raise InputError(f"sampler.steps={count} exceeds the diffusion's {timesteps} steps")
    if prediction == "v":
        return [timesteps * (i + 1) // count - 1 for i in range(count)]
    return [timesteps * (i + 1) // (count + 1) for i in range(count)]


def scheduler_of(alphas_cumprod: Tensor, prediction: Prediction, options: SamplerOptions, *, hands_x0: bool) -> Any:
    """Return the scheduler of a diffusion that consists of the visited steps alone, so that it visits all of its own.

    The rules of diffusers for leaving steps out need a number of steps that divides the diffusion's.

    Args:
        alphas_cumprod: Share of the signal's variance at each visited step, ascending in steps, (steps,).
        prediction: What the denoiser predicts.
        options: Sampler and steps.
        hands_x0: Whether the scheduler is handed x0, within its bounds, in place of the prediction.
    """
    import diffusers

    common = {
        "num_train_timesteps": options.steps,
        "prediction_type": "sample" if hands_x0 else {"epsilon": "epsilon", "v": "v_prediction"}[prediction],
        "thresholding": not hands_x0,
        "dynamic_thresholding_ratio": _DYNAMIC_QUANTILE,
        # diffusers bounds the threshold itself; ours has no upper bound.
        "sample_max_value": torch.finfo(torch.float32).max,
        "timestep_spacing": "trailing",
    }
    kinds: dict[str, Callable[[], Any]] = {
        "ddpm": lambda: diffusers.DDPMScheduler(**common, clip_sample=False, variance_type="fixed_small"),
        "ddim": lambda: diffusers.DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=True),
        "dpm_solver++": lambda: diffusers.DPMSolverMultistepScheduler(**common, algorithm_type="dpmsolver++"),
        "unipc": lambda: diffusers.UniPCMultistepScheduler(**common),
    }
    scheduler = kinds[options.name]()
    # Not by way of `trained_betas`: from one of few steps to the next too little of a signal is left for betas in fp32.
    # Nor in fp32: rounding would leave ddim's noise more variance than there is, and the root of what is left NaN.
    scheduler.alphas_cumprod = alphas_cumprod.double()
    scheduler.set_timesteps(options.steps)
    return scheduler


def _step_arguments(options: SamplerOptions, generators: list[torch.Generator]) -> dict[str, Any]:
    if options.name == "ddpm":
        return {"generator": generators}
    return {"eta": options.eta, "generator": generators} if options.name == "ddim" else {}
