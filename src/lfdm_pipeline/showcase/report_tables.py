"""Numbers laid out for the report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lfdm_pipeline.showcase.score_catalogue import (
    GROUPS,
    MEANINGS,
    RECONSTRUCTION_COLUMNS,
    RECONSTRUCTION_ROWS,
    Better,
    Group,
    Meaning,
    group,
    meaning,
)

MATRICES = frozenset({"domains"})
"""Groups that are shown as tables of their own."""

Score = float | int | str
Scores = Mapping[str, Score]


# Words and figures about the score whose name comes before.
WORDS = ("_protocol", "_warning", "_note")
ABOUT = (*WORDS, "_low", "_high", "_std", "_groups", "_generated_clips", "_real_clips", "_features", "_sha256")


@dataclass(frozen=True)
class ScoreRow:
    """One line of a table of scores.

    Attributes:
        name: Flat name.
        meaning: What it means.
        value: The score; None where it was not measured.
        spread: Its standard deviation and confidence interval in figures.
        words: How it was measured, and what to beware of.
    """

    name: str
    meaning: Meaning
    value: Score | None
    spread: str
    words: list[str]


@dataclass(frozen=True)
class ScoreGroup:
    """One table of scores, with a word on how they were measured."""

    prefix: str
    group: Group
    note: str
    rows: list[ScoreRow]


def score_groups(scores: Scores) -> list[ScoreGroup]:
    """Sort scores into groups by the first part of their names, the known groups first."""
    prefixes = dict.fromkeys(name.split(".")[0] for name in scores)
    known = [prefix for prefix in GROUPS if prefix in prefixes]
    return [_score_group(prefix, scores) for prefix in dict.fromkeys([*known, *prefixes])]


def spread(base: str, scores: Scores) -> str:
    """Standard deviation and confidence interval of the score named `base`, in figures; empty where it has none."""
    std, low, high = (scores.get(base + suffix) for suffix in ("_std", "_low", "_high"))
    parts = [f"± {figure(std)}"] if std is not None else []
    if low is not None and high is not None:
        parts.append(f"[{figure(low)}, {figure(high)}]")
    return " ".join(parts)


def _score_group(prefix: str, scores: Scores) -> ScoreGroup:
    in_matrix = {f"reconstruction.{row}{column}" for row in RECONSTRUCTION_ROWS for column in RECONSTRUCTION_COLUMNS}
    note = f"{prefix}.note"
    mine = [name for name in scores if name.split(".")[0] == prefix and name != note and prefix not in MATRICES]
    bases = sorted(dict.fromkeys(_base(name) for name in mine), key=_place)
    rows = [_row(base, scores) for base in bases if base not in in_matrix or words_of(base, scores)]
    return ScoreGroup(prefix, group(prefix), str(scores.get(note, "")), rows)


def _place(base: str) -> int:
    known = list(MEANINGS)
    return known.index(base) if base in known else len(known)


def _base(name: str) -> str:
    about = next((suffix for suffix in (*ABOUT, "_mean") if name.endswith(suffix)), "")
    return name.removesuffix(about)


def _row(base: str, scores: Scores) -> ScoreRow:
    value = scores.get(base, scores.get(f"{base}_mean"))
    return ScoreRow(base, meaning(base), value, spread(base, scores), words_of(base, scores))


def words_of(base: str, scores: Scores) -> list[str]:
    """How the score named `base` was measured, what to beware of, or why it was not."""
    return [str(scores[base + suffix]) for suffix in WORDS if base + suffix in scores]


def reconstruction_columns(scores: Scores) -> dict[str, tuple[str, Better]]:
    """Return title and better direction of each measure of reconstruction that was taken."""
    return {name: column for name, column in RECONSTRUCTION_COLUMNS.items() if f"reconstruction.{name}" in scores}


def reconstruction_matrix(scores: Scores) -> dict[str, list[Score | None]]:
    """Return the reconstruction scores as rows by answer, columns by measure."""
    return {
        title: [scores.get(f"reconstruction.{row}{column}") for column in reconstruction_columns(scores)]
        for row, title in RECONSTRUCTION_ROWS.items()
    }


@dataclass(frozen=True)
class Cell:
    """A count of clips and its share of the row."""

    count: int
    share: float


def confusion_rows(counts: pd.DataFrame) -> dict[str, list[Cell]]:
    """Return the rows of a confusion matrix by true label."""
    return {
        str(label): [Cell(int(count), float(count) / max(int(row.sum()), 1)) for count in row]
        for label, row in counts.iterrows()
    }


@dataclass(frozen=True)
class CorpusCounts:
    """Numbers by split: clips of each label, and below them all clips and subjects."""

    splits: list[str]
    labels: dict[str, list[int]]
    below: dict[str, list[int]]


def corpus_counts(clips_by_label: Mapping[str, Mapping[str, int]], subjects: Mapping[str, int]) -> CorpusCounts:
    """Lay out numbers of clips and subjects, one row a label and one column a split."""
    splits = list(dict.fromkeys(split for counts in clips_by_label.values() for split in counts))
    labels = {label: [counts.get(split, 0) for split in splits] for label, counts in clips_by_label.items()}
    below = {
        "all clips": [sum(column) for column in zip(*labels.values(), strict=True)],
        "subjects": [subjects.get(split, 0) for split in splits],
    }
    return CorpusCounts(splits, labels, below)


def flat_parameters(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the leaves of nested parameters with dotted names."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from flat_parameters(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, str(value)


def figure(value: Score | None) -> str:
    """Write a number the way it is read: about three digits that count, thousands apart."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    decimals = next((d for limit, d in ((100, 1), (10, 2), (0.1, 3)) if abs(value) >= limit), 4)
    return f"{value:.{decimals if value else 0}f}"
