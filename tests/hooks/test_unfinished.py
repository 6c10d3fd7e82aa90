import mlflow
import pytest

from lfdm_pipeline.hooks.unfinished import log_parameters, mark_made, mark_making, unfinished_run

PARAMETERS = {"dm.training.steps": "9", "training.workers": "0", "extraction.batch_frames": "256"}


@pytest.fixture
def killed(mlflow_uri: str) -> str:
    with mlflow.start_run() as run:
        log_parameters(PARAMETERS, {})
        mark_making("lfae", "f1")
        mark_made("lfae")
        mark_making("dm", "f2")
    return run.info.run_id


def found(making: dict[str, str], parameters: dict[str, str] = PARAMETERS) -> str | None:
    run = unfinished_run("0", making, parameters)
    return run.info.run_id if run else None


def test_the_run_that_was_making_the_same_is_found(killed: str) -> None:
    assert found({"lfae": "f1", "dm": "f2"}) == killed


def test_what_was_made_or_is_another_one_does_not_count(killed: str) -> None:
    assert found({"lfae": "f1"}) is None
    assert found({"dm": "another"}) is None
    assert found({}) is None


def test_parameters_that_shape_results_must_agree_and_others_need_not(killed: str) -> None:
    assert found({"dm": "f2"}, PARAMETERS | {"dm.training.steps": "10"}) is None
    for how in ({"training.workers": "4"}, {"extraction.batch_frames": "64"}):
        assert found({"dm": "f2"}, PARAMETERS | how) == killed


def test_a_new_value_is_kept_beside_the_old_one(killed: str) -> None:
    with mlflow.start_run(run_id=killed):
        log_parameters(PARAMETERS | {"training.workers": "4", "device": "cpu"}, PARAMETERS)
    data = mlflow.get_run(killed).data
    assert data.params == PARAMETERS | {"device": "cpu"}
    assert data.tags["changed.training.workers"] == "4"
