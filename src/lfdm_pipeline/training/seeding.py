"""Randomness of a step as a function of (seed, step) alone: nothing to save, nothing to restore."""

import numpy as np
import torch


def step_generator(seed: int, step: int) -> torch.Generator:
    """Generator for step `step`, on the CPU so that every device draws the same numbers; streams are independent."""
    state = np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
