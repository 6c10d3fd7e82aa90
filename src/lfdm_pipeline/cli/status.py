"""`kedro status`: what there is, and what of it is out of date."""

from collections.abc import Iterable
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
COLOURS = {"present": "green", "out of date": "yellow", "missing": "red"}


@click.command()
@env_option
@click.option("--params", type=click.UNPROCESSED, default="", help=PARAMS_ARG_HELP, callback=given_parameters)
@click.pass_obj
def status(metadata: Any, env: str | None, params: dict[str, Any]) -> None:
    """Show every artifact: present, out of date (why) or missing, size, age, MLflow run that made it."""
    from rich.console import Console

    from lfdm_pipeline.datasets.status import statuses
    from lfdm_pipeline.hooks.project import lineage_of

    console = Console()
    # A pipe has no width: nothing is to be cut off there.
    console = console if console.is_terminal else Console(width=WIDTH)
    console.print(_table(statuses(lineage_of(metadata.project_path, env, params)), metadata.project_path))


def _table(rows: "Iterable[Status]", project: Path) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("artifact", "state", "size", "age", "MLflow run", "where"):
        table.add_column(column, overflow="fold", justify="right" if column in ("size", "age") else "left")
    for row in rows:
        state = "; ".join([f"[{COLOURS[row.state]}]{row.state}[/]", *row.reasons])
        where = str(row.path).removeprefix(f"{project}/")
        table.add_row(row.entry, state, _size(row), _age(row.age), row.mlflow_run_id or "", where)
    return table


def _size(row: "Status") -> str:
    if row.state == "missing":
        return ""
    each = f" = {row.files} x {_bytes(row.size / row.files)}" if row.files > 2 else ""
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
