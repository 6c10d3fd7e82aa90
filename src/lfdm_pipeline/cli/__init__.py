"""Commands of the project beside Kedro's own."""

import click

from lfdm_pipeline.cli.experiment import experiment
from lfdm_pipeline.cli.results import results


@click.group(name="lfdm_pipeline")
def cli() -> None:
    """Latent flow diffusion: experiments and their results."""


cli.add_command(experiment)
cli.add_command(results)
