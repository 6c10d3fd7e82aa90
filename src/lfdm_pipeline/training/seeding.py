"""Randomness of a step as a function of (seed, step) alone: nothing to save, nothing to restore."""

import numpy as np
import torch

_VALIDATION = 1


def step_generator(seed: int, step: int) -> torch.Generator:
    """Generator for step `step`, on the CPU so that every device draws the same numbers; streams are independent."""
    return _generator(seed, step)


def validation_generator(seed: int, batch: int) -> torch.Generator:
    """Generator for validation batch `batch`, whatever the step it is computed at."""
    return _generator(seed, batch, _VALIDATION)


def _generator(*entropy: int) -> torch.Generator:
    state = np.random.SeedSequence(entropy).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
