import mlflow
import numpy as np
from mlflow.tracking import MlflowClient

from lfdm_pipeline.datasets import RunLogDataset


def test_values_land_in_the_run_while_it_is_active(mlflow_uri: str) -> None:
    log = RunLogDataset().load()
    with mlflow.start_run() as run:
        log({"lfae/loss": 2.0, "lfae/rate": 0.5}, 10)
        log({"lfae/loss": 1.0}, 20)
        history = MlflowClient(mlflow_uri).get_metric_history(run.info.run_id, "lfae/loss")
        assert [(point.step, point.value) for point in history] == [(10, 2.0), (20, 1.0)]
        assert log.run_id == run.info.run_id


def test_pictures_are_kept_by_step(mlflow_uri: str) -> None:
    with mlflow.start_run() as run:
        RunLogDataset().load().picture("lfae/preview", np.zeros((4, 4, 3), np.uint8), 7)
    files = MlflowClient(mlflow_uri).list_artifacts(run.info.run_id, "lfae/preview")
    assert [file.path for file in files] == ["lfae/preview/step_000007.png"]


def test_without_a_run_values_go_nowhere(mlflow_uri: str) -> None:
    log = RunLogDataset().load()
    log({"lfae/loss": 2.0}, 10)
    log.picture("lfae/preview", np.zeros((4, 4, 3), np.uint8), 7)
    assert log.run_id is None
    assert mlflow.active_run() is None
