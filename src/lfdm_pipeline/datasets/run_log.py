"""The MLflow run as something a training loop can report to."""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from lfdm_pipeline.run_log import Preview

PREVIEW = "made by a network in training, not a recording"
"""What previews say of themselves in their headers."""


class MlflowRunLog:
    """Sends live values and previews to the active MLflow run; without one they go nowhere.

    A run that is gone on with keeps what it holds: steps that were logged before a kill are not logged again.
    """

    def __init__(self) -> None:
        self._last_steps: dict[tuple[str, str], int] = {}

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        """Log the values of named curves at `step`."""
        run_id = active_run_id()
        if run_id:
            import mlflow

            with _going_on():
                new = {name: value for name, value in values.items() if step > self._last_step(run_id, name)}
                mlflow.log_metrics(new, step=step)
                self._last_steps |= {(run_id, name): step for name in new}

    def preview(self, name: str, preview: Preview, step: int) -> None:
        """Log what a network makes of a few examples at `step`: a picture and a short video."""
        if active_run_id():
            import mlflow

            from lfdm_pipeline.clips.picture_writing import write_picture
            from lfdm_pipeline.clips.video_writing import write_video

            with _going_on(), TemporaryDirectory() as folder:
                video, picture = (Path(folder) / f"step_{step:06d}.{kind}" for kind in ("mp4", "png"))
                write_video(video, preview.video, preview.fps, metadata={"comment": PREVIEW})
                write_picture(picture, preview.picture, comment=PREVIEW)
                for file in (video, picture):
                    mlflow.log_artifact(str(file), name)

    def _last_step(self, run_id: str, name: str) -> int:
        import mlflow

        if (run_id, name) not in self._last_steps:
            history = mlflow.MlflowClient().get_metric_history(run_id, name)
            self._last_steps[run_id, name] = max((point.step for point in history), default=-1)
        return self._last_steps[run_id, name]

    @property
    def run_id(self) -> str | None:
        """Id of the active MLflow run."""
        return active_run_id()


@contextmanager
def _going_on() -> Iterator[None]:
    """Within, a store that cannot be reached is told: a training of days is not to end for a point of a curve."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except (MlflowException, OSError) as error:
        logging.getLogger(__name__).warning("MLflow did not take a value or preview: %s", str(error).split("\n")[0])


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
