"""Confidence intervals by resampling."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from lfdm_pipeline.options import Options


class BootstrapOptions(Options):
    """How confidence intervals are drawn."""

    resamples: int = Field(100, ge=0)
    """Times that all clips are drawn anew with replacement within their labels; 0 measures no interval."""
    confidence: float = Field(0.95, gt=0, lt=1)
    """Share of such intervals that hold the true value."""

    @property
    def words(self) -> str:
        """What the interval beside a score is, in words."""
        if not self.resamples:
            return "no intervals"
        drawn = f"clips drawn anew within labels {self.resamples} times"
        return f"intervals, where clips suffice: {self.confidence:.0%} basic bootstrap, {drawn}"


@dataclass(frozen=True)
class Interval:
    """A confidence interval."""

    low: float
    high: float


def basic_interval(estimate: float, replicates: Sequence[float], confidence: float) -> Interval | None:
    """Return the basic bootstrap interval of a value that cannot be negative, None where all of it would be.

    The quantiles of the replicates are reflected at the estimate (Davison and Hinkley, Bootstrap Methods, 1997,
    section 5.2). A Fréchet distance of few samples lies too high, and that of their resamples higher again by about as
    much, so that percentile intervals would lie above the truth; reflection takes that bias away. For the same
    reason the interval of a small sample may lie wholly below the estimate.
    """
    outside = (1 - confidence) / 2
    lower, upper = np.quantile(np.asarray(replicates, dtype=np.float64), [outside, 1 - outside])
    if lower > 2 * estimate:
        return None
    return Interval(max(0.0, float(2 * estimate - upper)), float(2 * estimate - lower))
