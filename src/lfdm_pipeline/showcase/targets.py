"""What a run is asked to reach."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

from lfdm_pipeline.options import Options


class Target(Options):
    """Bounds on one score, or on its ratio to another."""

    title: str
    """What it says, in a few words."""
    score: str
    """Flat name of the score."""
    relative_to: str | None = None
    """Flat name of the score to divide by."""
    at_least: float = -inf
    """Lowest value that will do."""
    at_most: float = inf
    """Highest value that will do."""


@dataclass(frozen=True)
class Judged:
    """A target and the value that was reached; None where the run has no such score."""

    target: Target
    value: float | None

    @property
    def met(self) -> bool:
        """Whether the value lies within the bounds."""
        return self.value is not None and self.target.at_least <= self.value <= self.target.at_most

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        low, high = self.target.at_least, self.target.at_most
        if low == -inf:
            return f"at most {high:g}"
        return f"at least {low:g}" if high == inf else f"{low:g} to {high:g}"


def judge(targets: Sequence[Target], scores: Mapping[str, float | int | str]) -> list[Judged]:
    """Hold scores against targets."""
    return [Judged(target, _value(target, scores)) for target in targets]


def _value(target: Target, scores: Mapping[str, float | int | str]) -> float | None:
    value = scores.get(target.score)
    base = scores.get(target.relative_to, 0.0) if target.relative_to else 1.0
    if not isinstance(value, int | float) or not isinstance(base, int | float) or base == 0:
        return None
    return value / base
