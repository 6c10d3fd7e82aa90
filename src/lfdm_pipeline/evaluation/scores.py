"""All scores of a run under flat names."""

from collections.abc import Mapping
from math import isfinite

from lfdm_pipeline.errors import InputError

Score = float | int | str
Scores = dict[str, Score]


def gather_scores(*parts: Mapping[str, Score], notes: Mapping[str, str] | None = None) -> Scores:
    """Merge scores into one flat mapping, sorted by name.

    Args:
        parts: Scores under flat names such as `reconstruction.l1`.
        notes: Words on how a group was measured, or why it is absent; kept as `<group>.note`.

    Raises:
        InputError: A score is not finite, or a name comes twice.
    """
    gathered: Scores = {}
    for part in (*parts, {f"{group}.note": note for group, note in (notes or {}).items()}):
        for name, value in part.items():
            if name in gathered:
                raise InputError(f"scores: {name} was measured twice")
            if not isinstance(value, str) and not isfinite(value):
                raise InputError(f"scores: {name} is {value}; look at the training curves for where it diverged")
            gathered[name] = value
    return dict(sorted(gathered.items()))
