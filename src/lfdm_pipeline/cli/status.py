"""`kedro status`: what there is, and what of it is out of date."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.cli.project import PARAMS_ARG_HELP
from kedro.framework.cli.utils import env_option

from lfdm_pipeline.cli.parameters import given_parameters

if TYPE_CHECKING:
    from rich.table import Table

    from lfdm_pipeline.datasets.status import Status

WIDTH = 160
COLOURS = {"present": "green", "out of date": "yellow", "missing": "red", "not asked for": "dim"}
RUN_ID_SHOWN = 8
"""Characters of an MLflow run's id, of 32."""


@click.command()
@env_option
@click.option("--params", type=click.UNPROCESSED, default="", help=PARAMS_ARG_HELP, callback=given_parameters)
@click.pass_obj
def status(metadata: Any, env: str | None, params: dict[str, Any]) -> None:
    """Show every artifact: present, out of date (why) or missing, size, age, MLflow run that made it."""
    from kedro.framework.project import pipelines
    from rich.console import Console

    from lfdm_pipeline.datasets.status import statuses
    from lfdm_pipeline.hooks.pipelines import DEFAULT
    from lfdm_pipeline.hooks.project import lineage_of

    lineage = lineage_of(metadata.project_path, env, params)
    asked_for = pipelines[DEFAULT].all_outputs()
    console = Console()
    # A pipe has no width: nothing is to be cut off there.
    console = console if console.is_terminal else Console(width=WIDTH)
    console.print(_table(statuses(lineage), asked_for, metadata.project_path))


def _table(rows: "Iterable[Status]", asked_for: Collection[str], project: Path) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("artifact", "state", "size", "age", "MLflow run", "where"):
        table.add_column(column, overflow="fold", justify="right" if column in ("size", "age") else "left")
    for row in rows:
        where = str(row.path).removeprefix(f"{project}/")
        run = (row.mlflow_run_id or "")[:RUN_ID_SHOWN]
        table.add_row(row.entry, _state(row, asked_for), _size(row), _age(row.age), run, escape(where))
    return table


def _state(row: "Status", asked_for: Collection[str]) -> str:
    from rich.markup import escape

    # What only a pipeline of its own makes, run by name, is not missed.
    state = "not asked for" if row.state == "missing" and row.entry not in asked_for else row.state
    return "; ".join([f"[{COLOURS[state]}]{state}[/]", *map(escape, row.reasons)])


def _size(row: "Status") -> str:
    if row.state == "missing":
        return ""
    each = f" = {row.pieces} x {_bytes(row.size / row.pieces)}" if row.pieces > 1 else ""
    return f"{_bytes(row.size)}{each}"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _age(age: timedelta | None) -> str:
    if age is None:
        return ""
    seconds = age.total_seconds()
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
