"""Scores as Markdown."""

from collections.abc import Iterator

import pandas as pd

from lfdm_pipeline.experiments.markdown import markdown_table
from lfdm_pipeline.showcase.domain_tables import DOMAIN_COLUMNS, domain_tables
from lfdm_pipeline.showcase.report_tables import (
    MATRICES,
    ScoreRow,
    Scores,
    figure,
    reconstruction_columns,
    reconstruction_matrix,
    score_groups,
)
from lfdm_pipeline.showcase.score_catalogue import GROUPS, Better

SIGNS: dict[Better, str] = {"lower": "↓", "higher": "↑", "near one": "≈ 1", "neither": ""}


def score_parts(scores: Scores) -> Iterator[str]:
    """A table a group of scores, then how they were measured; what was not measured is left out."""
    for group in score_groups(scores):
        rows = [row for row in group.rows if row.value is not None]
        matrix = group.prefix == "reconstruction" and reconstruction_columns(scores)
        if group.prefix in MATRICES or not (rows or matrix):
            continue
        yield f"**{group.group.title}.** {group.group.explanation}".strip()
        if matrix:
            yield _reconstruction(scores)
        if rows:
            yield markdown_table(["score", "value", "", "what it is"], [_line(row) for row in rows])
        words = [f"- `{row.name}`: {word}" for row in rows for word in row.words]
        if words:
            yield "\n".join(words)


def domain_parts(scores: pd.DataFrame) -> Iterator[str]:
    """A table a domain, the new one first, with a row a decoder (columns `domain`, `decoder`, scores)."""
    head = ["decoder", "L1 against the first"]
    head += [f"{title} {SIGNS[better]}".strip() for title, better in DOMAIN_COLUMNS.values()]
    yield GROUPS["domains"].explanation
    for domain, rows in domain_tables(scores).items():
        lines = [[row.decoder, f"{100 * row.change:+.1f} %", *map(figure, row.values)] for row in rows]
        yield f"**{domain}**\n\n{markdown_table(head, lines)}"


def unmeasured(scores: Scores) -> dict[str, str]:
    """Why scores are missing, by what is."""
    notes = {name: str(words) for name, words in scores.items() if name.endswith(("_note", ".note"))}
    return {name[: -len("_note")]: words.removeprefix("not measured: ") for name, words in notes.items()}


def _reconstruction(scores: Scores) -> str:
    head = ["", *(f"{title} {SIGNS[better]}" for title, better in reconstruction_columns(scores).values())]
    return markdown_table(head, [[row, *map(figure, values)] for row, values in reconstruction_matrix(scores).items()])


def _line(row: ScoreRow) -> list[str]:
    value = " ".join(part for part in (figure(row.value), row.meaning.unit, row.spread) if part)
    return [row.meaning.title, value, SIGNS[row.meaning.better], f"{row.meaning.explanation} `{row.name}`".strip()]
