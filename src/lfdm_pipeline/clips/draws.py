"""Endless random draws of which each is a function of the seed and its number alone."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.errors import InputError


class Draws:
    """Draw numbers 0, 1, 2, … to items, each item once an epoch, epochs shuffled anew.

    Draw `d` depends on nothing but (seed, d), hence not on workers, batches, or where a run was resumed.

    Raises:
        InputError: there are no items.
    """

    def __init__(self, num_items: int, seed: int) -> None:
        if not num_items:
            raise InputError(
                "there is no clip to train on: the clip table's training split is empty, or none of its clips has the "
                "label that this stage needs; leave some subjects out of the source's test_subjects, or label clips"
            )
        self.num_items = num_items
        self.seed = seed

    def item(self, draw: int) -> int:
        """Index of the item that a draw takes, in [0, num_items)."""
        epoch, position = divmod(draw, self.num_items)
        return int(_permutation(self.num_items, self.seed, epoch)[position])

    def generator(self, draw: int) -> np.random.Generator:
        """Source of a draw's own randomness."""
        return np.random.default_rng((self.seed, _ITEM_STREAM, draw))


_EPOCH_STREAM, _ITEM_STREAM = 0, 1


@lru_cache(maxsize=4)
def _permutation(num_items: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, _EPOCH_STREAM, epoch)).permutation(num_items)
