"""Runs that ended while they made something; the next run with the same parameters goes on with them."""

from collections.abc import Mapping

import mlflow
from mlflow.entities import Run

from lfdm_pipeline.datasets.fingerprint import shapes

MAKING = "making."
CHANGED = "changed."
PARAMETERS_A_CALL = 100


def mark_making(entry: str, identity: str) -> None:
    """Say in the active run that the artifact with this fingerprint is being made."""
    mlflow.set_tag(MAKING + entry, identity)


def mark_made(entry: str) -> None:
    """Say in the active run that an artifact is no longer being made."""
    run = mlflow.active_run()
    if run is not None and MAKING + entry in mlflow.get_run(run.info.run_id).data.tags:
        mlflow.delete_tag(MAKING + entry)


def unfinished_run(experiment: str, making: Mapping[str, str], parameters: Mapping[str, str]) -> Run | None:
    """The latest run that was making one of these artifacts, with the same parameters as far as they shape results.

    Args:
        experiment: id of the MLflow experiment.
        making: fingerprint of what is to be made now, by entry.
        parameters: of the present run, as logged.
    """
    for entry, identity in making.items():
        for run in mlflow.MlflowClient().search_runs(
            [experiment], f"tags.`{MAKING}{entry}` = '{identity}'", order_by=["attributes.start_time DESC"]
        ):
            if all(run.data.params.get(name, value) == value for name, value in parameters.items() if shapes(name)):
                return run
    return None


def log_parameters(parameters: Mapping[str, str], logged: Mapping[str, str]) -> None:
    """Log to the active run what it does not hold; a parameter cannot be overwritten, so a new value becomes a tag."""
    new = [(name, value) for name, value in parameters.items() if name not in logged]
    for start in range(0, len(new), PARAMETERS_A_CALL):
        mlflow.log_params(dict(new[start : start + PARAMETERS_A_CALL]))
    mlflow.set_tags({CHANGED + name: value for name, value in parameters.items() if logged.get(name, value) != value})
