"""The MLflow run as something a training loop can report to."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
from kedro.io import AbstractDataset, DatasetError
from numpy.typing import NDArray


class MlflowRunLog:
    """Sends live values and pictures to the active MLflow run; without one they go nowhere."""

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Log the values of named curves at `step`."""
        if active_run_id():
            import mlflow

            mlflow.log_metrics(dict(values), step=step)

    def picture(self, name: str, image: NDArray[np.uint8], step: int) -> None:
        """Log a picture (H, W, 3) drawn at `step`."""
        if active_run_id():
            import mlflow

            mlflow.log_image(image, f"{name}/step_{step:06d}.png")

    @property
    def run_id(self) -> str | None:
        """Id of the active MLflow run."""
        return active_run_id()


class RunLogDataset(AbstractDataset[None, MlflowRunLog]):
    """Hands a node the receiver of its live curves, so that nothing below Kedro knows MLflow."""

    def __init__(self, *, metadata: dict[str, Any] | None = None) -> None:
        self.metadata = metadata

    def load(self) -> MlflowRunLog:
        """The run log."""
        return MlflowRunLog()

    def save(self, data: None) -> None:
        """Never: a run log is an input."""
        raise DatasetError("the run log is an input: nothing is saved to it")

    def _exists(self) -> bool:
        return True

    def _describe(self) -> dict[str, Any]:
        return {}


def tag_run(name: str, value: str) -> None:
    """Set a tag of the active MLflow run, if there is one."""
    if active_run_id():
        import mlflow

        mlflow.set_tag(name, value)


def active_run_id() -> str | None:
    """Id of the active MLflow run, if there is one."""
    # Where MLflow was never imported there is no run, and importing it takes a second.
    mlflow = sys.modules.get("mlflow")
    run = mlflow.active_run() if mlflow else None
    return run.info.run_id if run else None
