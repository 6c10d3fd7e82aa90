"""`kedro experiment NAME`: run its variants and compare them."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from kedro.framework.cli.project import PARAMS_ARG_HELP

from lfdm_pipeline.cli.parameters import given_parameters
from lfdm_pipeline.cli.session import session

if TYPE_CHECKING:
    from lfdm_pipeline.experiments.definition import Experiment
    from lfdm_pipeline.experiments.variants import Variant
    from lfdm_pipeline.showcase.comparisons import Comparison


@click.command()
@click.argument("name", required=False)
@click.option("--env", "-e", default=None, help="Configuration, such as mug; without it, the synthetic corpus.")
@click.option("--params", type=click.UNPROCESSED, default="", help=PARAMS_ARG_HELP, callback=given_parameters)
def experiment(name: str | None, env: str | None, params: dict[str, Any]) -> None:
    """Run the variants of the experiment NAME, compare them with each other and with the paper.

    Without a name, list the experiments. Parameters hold for all variants. What is already there and up to date is not
    made again, so the same command goes on where it was stopped.
    """
    from lfdm_pipeline.experiments.definition import find_experiment

    experiments, corpus = configured_experiments(env)
    if name is None:
        for each, definition in experiments.items():
            click.echo(f"{each:<20} {definition.title}")
        return
    comparison, folder = run_experiment(env, corpus, name, find_experiment(experiments, name), params)
    click.echo(_as_text(comparison))
    click.echo(f"\npage: {folder / 'index.html'}")
    if comparison.video:
        click.echo(f"video: {folder / comparison.video}")


def configured_experiments(env: str | None) -> tuple[dict[str, "Experiment"], str]:
    """The experiments of a configuration, and its corpus.

    Raises:
        InputError: The configuration is wrong.
    """
    from lfdm_pipeline.experiments.definition import read_experiments

    with session(env) as opened:
        loader = opened.load_context().config_loader
        return read_experiments(loader["experiments"]), str(loader["globals"]["corpus"])


def run_experiment(
    env: str | None, corpus: str, name: str, definition: "Experiment", params: dict[str, Any]
) -> tuple["Comparison", Path]:
    """Run all variants, then keep their comparison as JSON, page and MLflow run.

    Args:
        env: The configuration.
        corpus: Its corpus.
        name: The experiment's name.
        definition: What it is.
        params: Nested parameters of all variants.

    Returns:
        The comparison and the folder that it is kept in.

    Raises:
        InputError: The variants differ in one of `params`.
    """
    from lfdm_pipeline.cli.comparison_log import log_comparison
    from lfdm_pipeline.datasets.values import flatten
    from lfdm_pipeline.experiments.comparing import Finished, compare
    from lfdm_pipeline.experiments.variants import variants
    from lfdm_pipeline.experiments.writing import written
    from lfdm_pipeline.showcase.comparisons import read_comparisons
    from lfdm_pipeline.showcase.pages import write_comparisons_page

    settings = flatten(params, "") if params else {}
    definition = definition.given(settings)
    finished: list[Finished] = []
    for number, variant in enumerate(found := variants(name, definition), 1):
        click.echo(f"\n[{number}/{len(found)}] {variant.label}: {variant.command(env, definition.pipelines)}")
        finished.append(_run(env, definition, variant))
    folder = finished[0].comparisons
    where, given = ["--env", env] if env else [], ["--params", written(settings)] if settings else []
    command = shlex.join(["kedro", "experiment", name, *where, *given])
    comparison = compare(name, corpus, command, definition, finished)
    comparison.write(folder)
    page = write_comparisons_page(corpus, read_comparisons(folder), folder)
    log_comparison(comparison, page)
    return comparison, folder


def _run(env: str | None, definition: "Experiment", variant: "Variant") -> Any:
    from lfdm_pipeline.experiments.comparing import Finished

    with session(env, variant.parameters) as opened:
        opened.run(pipeline_names=list(definition.pipelines), only_missing_outputs=True)
        catalog = opened.load_context().catalog
        manifests = [catalog[entry].read_manifest() for entry in definition.entries]
        return Finished(
            variant=variant,
            command=variant.command(env, definition.pipelines),
            scores={name: value for entry in definition.entries for name, value in catalog.load(entry).items()},
            mlflow_run_id=next((each.mlflow_run_id for each in manifests if each and each.mlflow_run_id), None),
            comparisons=catalog.load("comparisons"),
            load=catalog.load,
        )


def _as_text(comparison: "Comparison") -> str:
    from lfdm_pipeline.experiments.markdown import comparison_markdown

    return comparison_markdown(comparison)
