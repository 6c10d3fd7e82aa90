"""The learning rate as a function of the step alone, so that resuming needs no scheduler state."""

import math

from lfdm_pipeline.training.options import TrainingOptions


def learning_rate(step: int, options: TrainingOptions) -> float:
    """Rate for step `step` (from 0): linear warm-up, then the chosen decay."""
    warmup = min(1.0, (step + 1) / options.warmup_steps) if options.warmup_steps else 1.0
    if options.decay == "cosine":
        decay = 0.5 * (1 + math.cos(math.pi * step / options.steps))
    else:
        decay = 0.1 ** sum(step >= milestone for milestone in options.milestones)
    return options.learning_rate * warmup * decay
