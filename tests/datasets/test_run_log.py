import av
import mlflow
import numpy as np
import pytest
from mlflow.tracking import MlflowClient
from PIL import Image

from lfdm_pipeline.datasets import RunLogDataset
from lfdm_pipeline.run_log import Preview


def test_values_land_in_the_run_while_it_is_active(mlflow_uri: str) -> None:
    log = RunLogDataset().load()
    with mlflow.start_run() as run:
        log({"lfae/loss": 2.0, "lfae/rate": 0.5}, 10)
        log({"lfae/loss": 1.0}, 20)
        history = MlflowClient(mlflow_uri).get_metric_history(run.info.run_id, "lfae/loss")
        assert [(point.step, point.value) for point in history] == [(10, 2.0), (20, 1.0)]
        assert log.run_id == run.info.run_id


def preview() -> Preview:
    video = np.zeros((3, 16, 16, 3), np.uint8)
    return Preview(video[0], video, 8.0)


def test_previews_are_kept_by_step_as_picture_and_video(mlflow_uri: str) -> None:
    with mlflow.start_run() as run:
        RunLogDataset().load().preview("lfae/preview", preview(), 7)
    files = MlflowClient(mlflow_uri).list_artifacts(run.info.run_id, "lfae/preview")
    assert [file.path for file in files] == ["lfae/preview/step_000007.mp4", "lfae/preview/step_000007.png"]


def test_previews_say_that_they_are_no_recordings(mlflow_uri: str) -> None:
    with mlflow.start_run() as run:
        RunLogDataset().load().preview("lfae/preview", preview(), 7)
    folder = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="lfae/preview")
    with av.open(f"{folder}/step_000007.mp4") as video, Image.open(f"{folder}/step_000007.png") as picture:
        for comment in (video.metadata["comment"], picture.info["Comment"]):
            assert "not a recording" in comment


def test_a_run_that_is_gone_on_with_gets_each_step_once(mlflow_uri: str) -> None:
    with mlflow.start_run() as run:
        killed = RunLogDataset().load()
        for step in (1, 2, 3):
            killed({"lfae/loss": float(step)}, step)
    with mlflow.start_run(run_id=run.info.run_id):
        resumed = RunLogDataset().load()
        for step in (2, 3, 4):
            resumed({"lfae/loss": float(step)}, step)
    history = MlflowClient(mlflow_uri).get_metric_history(run.info.run_id, "lfae/loss")
    assert [point.step for point in history] == [1, 2, 3, 4]


def test_a_store_that_cannot_be_reached_is_told_and_nothing_ends(
    mlflow_uri: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unreachable(*arguments: object, **named: object) -> None:
        raise mlflow.exceptions.MlflowException("connection refused")

    with mlflow.start_run():
        monkeypatch.setattr(mlflow, "log_metrics", unreachable)
        RunLogDataset().load()({"lfae/loss": 2.0}, 10)
    assert "MLflow did not take a value or preview: connection refused" in caplog.text


def test_without_a_run_values_go_nowhere(mlflow_uri: str) -> None:
    log = RunLogDataset().load()
    log({"lfae/loss": 2.0}, 10)
    log.preview("lfae/preview", preview(), 7)
    assert log.run_id is None
    assert mlflow.active_run() is None
