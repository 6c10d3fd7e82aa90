"""Commands of the project beside Kedro's own, and its `run` with lists among the parameters."""

import click
from kedro.framework.cli.project import run as kedro_run

from lfdm_pipeline.cli.experiment import experiment
from lfdm_pipeline.cli.parameters import with_lists
from lfdm_pipeline.cli.results import results
from lfdm_pipeline.cli.status import status

run = with_lists(kedro_run)


@click.group(name="lfdm_pipeline")
def cli() -> None:
    """Latent flow diffusion: runs, experiments and their results, and the state of artifacts."""


cli.add_command(run)
cli.add_command(experiment)
cli.add_command(results)
cli.add_command(status)
