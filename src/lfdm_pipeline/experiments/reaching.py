"""How many steps trainings need to reach the same score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lfdm_pipeline.experiments.definition import Reach
from lfdm_pipeline.experiments.variants import Variant
from lfdm_pipeline.showcase.comparisons import Reached
from lfdm_pipeline.showcase.report_tables import Score, figure

Curve = dict[str, float]
"""Score by number of steps in words, in rising order."""


def steps_to_reach(reach: Reach, runs: Sequence[tuple[Variant, Mapping[str, Score]]]) -> Reached:
    """Compare trainings, each run for several numbers of steps, by the steps until their score is good enough.

    Good enough is what even the worst of them reaches at its best, so that every one has an answer.

    Args:
        reach: Which score over which axis.
        runs: Each variant with its scores, in the order of the axes.
    """
    curves: dict[str, Curve] = defaultdict(dict)
    for variant, scores in runs:
        training = ", ".join(part for axis, part in enumerate(variant.labels, 1) if axis != reach.axis)
        value = scores.get(reach.score)
        if isinstance(value, int | float):
            curves[training][variant.labels[reach.axis - 1]] = float(value)
    best, worst = (max, min) if reach.better == "higher" else (min, max)
    level = worst(best(curve.values()) for curve in curves.values())
    return Reached(
        title=f"until {reach.score} is {figure(level)}, which all reach",
        steps={training: _first(curve, level, reach.better) for training, curve in curves.items()},
    )


def _first(curve: Curve, level: float, better: str) -> str:
    return next(steps for steps, value in curve.items() if (value >= level if better == "higher" else value <= level))
