"""Random numbers of a batch that do not depend on how the batch is divided."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Randomness:
    """Random numbers for one of the equal parts that a batch is divided into.

    Every part draws the numbers of the whole batch and keeps its own items', so that several processes, or a batch
    computed piece by piece, see the numbers that one process would have drawn at once.
    """

    generator: torch.Generator
    """On the CPU, and in the same state for every part."""
    part: int = 0
    parts: int = 1

    def normal(self, items: int, *shape: int) -> Tensor:
        """Standard normal numbers (items, *shape) for this part's items."""
        return self._own(torch.randn(items * self.parts, *shape, generator=self.generator))

    def uniform(self, items: int) -> Tensor:
        """Numbers (items,) in [0, 1)."""
        return self._own(torch.rand(items * self.parts, generator=self.generator))

    def integers(self, high: int, items: int) -> Tensor:
        """Whole numbers (items,) in [0, high)."""
        return self._own(torch.randint(high, (items * self.parts,), generator=self.generator))

    def _own(self, drawn: Tensor) -> Tensor:
        return drawn.chunk(self.parts)[self.part]
