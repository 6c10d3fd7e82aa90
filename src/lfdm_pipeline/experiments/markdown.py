"""Comparisons as Markdown, for a terminal and for docs/results.md."""

from collections.abc import Sequence

from lfdm_pipeline.showcase.comparisons import ComparedCell, Comparison, table_columns, table_rows, words_about
from lfdm_pipeline.showcase.report_tables import figure

ARROWS = {"lower": " ↓", "higher": " ↑"}


def comparison_markdown(comparison: Comparison) -> str:
    """One experiment: what it asks, its table, the paper's figures and what they are worth beside ours."""
    parts = [f"### {comparison.title}", comparison.question, f"`{comparison.command}`"]
    columns = table_columns(comparison)
    if columns:
        head = ["variant", *(title + ARROWS.get(better, "") for title, better in columns)]
        rows = [[label, *map(_cell, cells)] for label, cells in table_rows(comparison).items()]
        parts.append(markdown_table(head, rows))
    if comparison.reached:
        rows = [[training, steps] for training, steps in comparison.reached.steps.items()]
        parts.append(markdown_table(["training", f"steps {comparison.reached.title}"], rows))
    if comparison.paper:
        parts.append(f"Beside the paper ({comparison.paper.source}): {comparison.paper.comparable}")
    if words := words_about(comparison):
        parts.append("\n".join(f"- {word}" for word in words))
    return "\n\n".join(parts)


def markdown_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in columns of equal width, which reads well as it is."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([text[0], rule, *text[1:]])


def _cell(cell: ComparedCell) -> str:
    return f"{figure(cell.value)} {cell.spread}".strip()
