"""What an objective returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from torch import Tensor


@dataclass(frozen=True)
class Losses:
    """A loss and the weighted terms it is the sum of, all scalars ()."""

    total: Tensor
    parts: Mapping[str, Tensor]

    @classmethod
    def of(cls, parts: Mapping[str, Tensor]) -> Self:
        """Return the sum of the parts."""
        return cls(sum(parts.values(), start=next(iter(parts.values())).new_zeros(())), parts)
