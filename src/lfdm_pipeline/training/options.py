"""How a stage is trained: what shapes the weights (TrainingOptions) and what only shapes the run (ExecutionOptions)."""

from typing import Literal, Self

from pydantic import Field, model_validator

from lfdm_pipeline.options import Options


class TrainingOptions(Options):
    """What shapes the weights. Steps, not epochs, drive training: epochs x clips x repeats / batch_size."""

    steps: int = Field(gt=0)
    """Optimiser steps in all."""
    batch_size: int = Field(gt=0)
    """Items a step, over all processes."""
    learning_rate: float = Field(default=2e-4, gt=0)
    """Adam's learning rate at its highest."""
    betas: tuple[float, float] = (0.9, 0.99)
    """Adam's decay rates."""
    decay: Literal["steps", "cosine"] = "steps"
    """How the rate falls: by x0.1 at each milestone, or along half a cosine to zero at the last step."""
    milestones: tuple[int, ...] = ()
    """Steps at which the rate is multiplied by 0.1 (`decay: steps`)."""
    warmup_steps: int = Field(default=0, ge=0)
    """Steps over which the rate rises linearly from zero."""
    ema_decay: float | None = Field(default=None, gt=0, lt=1)
    """Decay of the moving average of the weights, which is then what the stage keeps; null keeps the raw weights."""
    clip_norm: float | None = Field(default=None, gt=0)
    """Largest gradient norm; null leaves gradients as they are."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """Arithmetic of the forward pass; weights stay fp32."""
    max_skipped: int = Field(default=10, ge=1)
    """Steps in a row that may be skipped for a loss or gradient that is not finite before training stops."""

    @model_validator(mode="after")
    def _milestones_need_steps(self) -> Self:
        if self.milestones and self.decay != "steps":
            raise ValueError("milestones belong to decay: steps")
        return self


class StageTrainingOptions(TrainingOptions):
    """Training of a stage's network, which may start from an earlier one."""

    init_from: str | None = None
    """A model of the same sizes whose weights are the start: `<corpus>/<experiment>`, a kept model's folder, or a
    published file; null draws them from the seed. What it holds is part of the fingerprint, not where it lies."""


class ExecutionOptions(Options):
    """What shapes the run and not its result; never part of a fingerprint."""

    workers: int = Field(default=0, ge=0)
    """Processes that load data beside the training process; 0 loads in it."""
    log_every: int = Field(default=10, ge=1)
    """Steps between two points of a curve."""
    checkpoint_every: int = Field(default=500, ge=1)
    """Steps between two checkpoints."""
    preview_every: int = Field(default=500, ge=1)
    """Steps between two preview pictures."""
    keep_checkpoints: int = Field(default=2, ge=1)
    """How many of the latest checkpoints stay on disk."""
