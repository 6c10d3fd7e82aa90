"""Random parts of clips that are balanced over labels, balanced as the whole is."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


def strata(labels: Sequence[str | None]) -> list[Indices]:
    """Return the positions of each label's clips.

    Clips without a label, and those that are alone with theirs, are together in one stratum: one clip says nothing
    about how such clips vary.
    """
    found: defaultdict[str | None, list[int]] = defaultdict(list)
    for position, label in enumerate(labels):
        found[label].append(position)
    several = [found[label] for label in found if label is not None and len(found[label]) > 1]
    others = sorted(set(range(len(labels))).difference(*several))
    return [np.array(positions) for positions in (*several, others) if positions]


def drawn_anew(groups: Sequence[Indices], rng: np.random.Generator) -> Indices:
    """Return positions of as many clips, drawn with replacement within each of the strata.

    How many clips a label has was decided, not found: drawn regardless of labels, replicates would vary by what the
    clips cannot (Davison and Hinkley, Bootstrap Methods, 1997, section 3.2).
    """
    return np.concatenate([rng.choice(positions, len(positions)) for positions in groups])


def halves(groups: Sequence[Indices], rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return the positions of two random halves, each with half of every one of the strata."""
    shuffled = np.concatenate([rng.permutation(positions) for positions in groups])
    return shuffled[::2], shuffled[1::2]
