"""`kedro results`: what was measured, as a page of the documentation."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lfdm_pipeline.cli.session import session

if TYPE_CHECKING:
    from lfdm_pipeline.experiments.results_page import RunResults


@click.command()
@click.option("--env", "-e", default=None, help="Configuration, such as mug; without it, the synthetic corpus.")
@click.option("--into", default="docs", help="Folder of results.md and of its pictures.")
def results(env: str | None, into: str) -> None:
    """Write results.md: targets, scores, tables and stills of every experiment that was run.

    Runs that took the corpus' model to a new domain are told too. Of a page that is there only what stands between its
    marks is replaced.
    """
    from lfdm_pipeline.experiments.results_page import Results, write_results
    from lfdm_pipeline.hooks.new_domain import environments_from
    from lfdm_pipeline.showcase.comparisons import read_comparisons
    from lfdm_pipeline.showcase.pages import exhibits_of

    where = f" --env {env}" if env else ""
    with session(env) as opened:
        context = opened.load_context()
        loader, folder = context.config_loader, context.catalog.load("comparisons")
        runs, not_run = [_run(context, f"kedro run{where}")], []
        experiments = [] if "pretrained_from" in loader["globals"] else list(loader["experiments"])
    found = {each.name: each for each in read_comparisons(folder).finished}
    compared = [found[name] for name in experiments if name in found]
    for name in environments_from(Path(loader.conf_source), runs[0].corpus):
        with session(name) as opened:
            context, command = opened.load_context(), f"kedro run --env {name}"
            if context.catalog.exists("scores"):
                runs.append(_run(context, command))
            else:
                not_run.append(command)
    not_run += [f"kedro experiment {name}{where}" for name in experiments if name not in found]
    page = write_results(
        Results(f"kedro results{where}", runs, compared, exhibits_of(compared, folder), not_run), Path(into)
    )
    click.echo(f"page: {page}")


def _run(context: Any, command: str) -> "RunResults":
    from lfdm_pipeline.clips.held_out import about_tests
    from lfdm_pipeline.experiments.results_page import RunResults
    from lfdm_pipeline.showcase.exhibits import read_exhibits

    catalog, names = context.catalog, context.config_loader["globals"]
    new_domain = bool(names.get("pretrained_from"))
    return RunResults(
        corpus=str(names["corpus"]),
        command=command,
        scores=catalog.load("scores"),
        targets=catalog.load("params:report").targets,
        held_out=about_tests(catalog.load("clip_table")),
        exhibits=read_exhibits(catalog.load("showcase")),
        domains=catalog.load("domain_scores") if new_domain else None,
    )
