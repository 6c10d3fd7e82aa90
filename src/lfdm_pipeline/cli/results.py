"""`kedro results`: what was measured, as a page of the documentation."""

from pathlib import Path

import click

from lfdm_pipeline.cli.session import session


@click.command()
@click.option("--env", "-e", default=None, help="Configuration, such as mug; without it, the synthetic corpus.")
@click.option("--into", default="docs", help="Folder of results.md and of its pictures.")
def results(env: str | None, into: str) -> None:
    """Write results.md: targets, scores, tables and stills of every experiment that was run."""
    from lfdm_pipeline.experiments.results_page import Results, write_results
    from lfdm_pipeline.showcase.comparisons import read_comparisons

    with session(env) as opened:
        context = opened.load_context()
        catalog = context.catalog
        comparisons = catalog.load("comparisons")
        page = write_results(
            Results(
                corpus=str(context.config_loader["globals"]["corpus"]),
                command="kedro results" + (f" --env {env}" if env else ""),
                scores=catalog.load("scores"),
                targets=catalog.load("params:report").targets,
                showcase=catalog.load("showcase"),
                comparisons=read_comparisons(comparisons),
                comparisons_folder=comparisons,
            ),
            Path(into),
        )
    click.echo(f"page: {page}")
