import pytest
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from tests.hooks.conftest import Toy

from lfdm_pipeline.errors import InputError


def runs(uri: str) -> list[Run]:
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("synthetic")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id]))


def test_run_holds_flat_parameters_live_curves_scores_and_artifacts(toy: Toy, mlflow_uri: str) -> None:
    toy.run(experiment="wide", model={"options": {"width": 6}})
    (run,) = runs(mlflow_uri)
    client = MlflowClient(mlflow_uri)
    assert run.info.status == "FINISHED"
    assert run.data.params["model.options.width"] == "6"
    assert run.data.params["model.options.depth"] == "2"
    assert run.data.params["training.log_every"] == "1"
    assert [(point.step, point.value) for point in client.get_metric_history(run.info.run_id, "toy/loss")] == [
        (1, 1.0),
        (2, 0.5),
        (3, pytest.approx(1 / 3)),
    ]
    assert run.data.metrics["toy.ratio"] == 2.0
    assert run.data.tags["toy.note"] == "words"
    assert [file.path for file in client.list_artifacts(run.info.run_id)] == ["toy.html"]
    assert run.data.tags["experiment"] == "wide"
    assert run.data.tags["corpus"] == "synthetic"
    assert run.info.run_id in (toy.data("wide") / "weights.json.manifest.json").read_text()


def test_failed_run_is_marked_and_the_next_one_is_its_own(toy: Toy, mlflow_uri: str) -> None:
    with pytest.raises(InputError, match="out of memory"):
        toy.run(model={"options": {"width": 101}})
    toy.run()
    assert sorted(run.info.status for run in runs(mlflow_uri)) == ["FAILED", "FINISHED"]
