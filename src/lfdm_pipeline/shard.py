"""A part of a list of work, for one of several machines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from lfdm_pipeline.errors import InputError

T = TypeVar("T")


@dataclass(frozen=True)
class Shard:
    """The `number`-th of `count` parts, counted from 1."""

    number: int
    count: int

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Read `2/8`.

        Raises:
            InputError: It is absent, or no such part.
        """
        match = re.fullmatch(r"(\d+)/(\d+)", text or "")
        if match is None or not 1 <= int(match[1]) <= int(match[2]):
            raise InputError(f"shard: {text!r} is no part of a whole; give --params shard=2/8 for the second of eight")
        return cls(int(match[1]), int(match[2]))

    def part(self, items: Sequence[T]) -> list[T]:
        """Every `count`-th item: the parts of all numbers together are the whole, and about equally long."""
        return list(items[self.number - 1 :: self.count])
