"""How a stage is trained: what shapes the weights (TrainingOptions) and what only shapes the run (ExecutionOptions)."""

from typing import Literal, Self

from pydantic import Field, model_validator

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options

PrecisionName = Literal["auto", "fp32", "tf32", "bf16", "fp16"]


class TrainingOptions(Options):
    """What shapes the weights. Steps, not epochs, drive training: epochs x clips x repeats / batch_size."""

    steps: int = Field(gt=0)
    """Optimiser steps in all."""
    batch_size: int = Field(gt=0)
    """Items a step, over all processes."""
    accumulation: int = Field(default=1, gt=0)
    """Equal parts that a batch is computed in, one after the other: less memory; batch norm sees a part at a time."""
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
    precision: PrecisionName = "auto"
    """Arithmetic of the forward pass, weights stay fp32: fp32; tf32 (CUDA's tensor cores, fp32 elsewhere); bf16; fp16
    with a loss scale; auto takes bf16 on CUDA (fp16 where the GPU has none) and fp32 elsewhere."""

    @model_validator(mode="after")
    def _milestones_need_steps(self) -> Self:
        if self.milestones and self.decay != "steps":
            raise ValueError("milestones belong to decay: steps")
        return self

    def part_size(self, processes: int, name: str) -> int:
        """Items that each of so many processes computes at once; `name` is that of these options, for messages.

        Raises:
            InputError: the batch cannot be divided evenly.
        """
        parts = processes * self.accumulation
        if self.batch_size % parts:
            raise InputError(
                f"{name}.batch_size={self.batch_size} cannot be divided evenly among {processes} processes x "
                f"{name}.accumulation={self.accumulation}: choose a multiple of {parts}, or fewer parts"
            )
        return self.batch_size // parts


class StageTrainingOptions(TrainingOptions):
    """Training of a stage's network, which may start from an earlier one."""

    init_from: str | None = None
    """A model of the same sizes whose weights are the start: `<corpus>/<experiment>`, a kept model's folder, or a
    published file; null draws them from the seed. What it holds is part of the fingerprint, not where it lies."""


class ExecutionOptions(Options):
    """What shapes the run and not its result; never part of a fingerprint."""

    num_processes: int = Field(default=1, ge=1)
    """Processes that share each batch, one GPU each (CPU processes share the cores); started from inside the stage."""
    workers: int = Field(default=0, ge=0)
    """Processes that load data beside each training process; 0 loads in it."""
    log_every: int = Field(default=10, ge=1)
    """Steps between two points of a curve."""
    checkpoint_every: int = Field(default=500, ge=1)
    """Steps between two checkpoints."""
    keep_checkpoints: int = Field(default=2, ge=1)
    """How many of the latest checkpoints stay on disk, beside the best one."""
    validate_every: int = Field(default=500, ge=1)
    """Steps between two validation losses, which also say which checkpoint is the best."""
    validation_batches: int = Field(default=2, ge=1)
    """Batches of held-out examples, always the same, that a validation loss is the mean of."""
    preview_every: int = Field(default=500, ge=1)
    """Steps between two previews."""
    max_skipped: int = Field(default=10, ge=1)
    """Steps in a row that may be left out for a loss or gradient that is not finite before training stops."""
    compile: bool | None = None
    """Compile the networks with torch.compile; null does on CUDA, unless activations are checkpointed."""
    channels_last: bool | None = None
    """Lay out convolution weights channels-last; null does on CUDA."""
    activation_checkpointing: bool = False
    """Keep only the inputs of blocks for the gradient and compute the rest again: less memory, a third more time."""
