"""Commands of the project beside Kedro's own."""

import click
from kedro.framework.cli.project import run as run

from lfdm_pipeline.cli.experiment import experiment
from lfdm_pipeline.cli.results import results
from lfdm_pipeline.cli.status import status


@click.group(name="lfdm_pipeline")
def cli() -> None:
    """Latent flow diffusion: experiments and their results, and the state of artifacts."""


cli.add_command(experiment)
cli.add_command(results)
cli.add_command(status)
