import os
import subprocess
import sys
from pathlib import Path

import pytest
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient


def kedro_run(
    project: Path, *arguments: str, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return subprocess.run(
        [sys.executable, "-m", "kedro", "run", *arguments],
        cwd=folder or project,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_user_errors_are_one_line(toy_root: Path) -> None:
    result = kedro_run(toy_root, "--params", "model.options.width=wide")
    assert result.returncode == 1
    assert result.stderr == (
        "Error: parameter model.options.width: input should be a valid integer, "
        "unable to parse string as an integer, got 'wide'\n"
    )
    assert "Traceback" not in result.stdout
    assert not (toy_root / "data").exists()


def test_killed_while_it_made_an_artifact_it_goes_on_from_the_pieces(toy_root: Path) -> None:
    killed = kedro_run(toy_root, TOY_DIE="1")
    clips = toy_root / "data/synthetic/main/clips"
    assert killed.returncode == 9
    assert (clips / "0.txt").exists()
    assert not (clips / "manifest.json").exists()

    resumed = kedro_run(toy_root, "--only-missing-outputs", folder=toy_root / "conf")
    assert resumed.returncode == 0, resumed.stderr
    assert len(list(clips.glob("*.txt"))) == 3
    assert (clips / "manifest.json").exists()
    assert (toy_root / "data/mlflow/mlflow.db").exists(), "the store must not follow the current directory"
    assert statuses(toy_root) == ["FINISHED"], "it is one run that was gone on with"


@pytest.mark.parametrize(("width", "status"), [(100, 1), (99, 143)], ids=["SIGINT", "SIGTERM"])
def test_interrupted_run_is_marked_as_killed(toy_root: Path, width: int, status: int) -> None:
    result = kedro_run(toy_root, "--params", f"model.options.width={width}")
    assert result.returncode == status
    assert "Traceback" not in result.stdout + result.stderr
    assert statuses(toy_root) == ["KILLED"]


def statuses(toy_root: Path) -> list[str]:
    client = MlflowClient(f"sqlite:///{toy_root}/data/mlflow/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments(ViewType.ALL)]
    return [run.info.status for run in client.search_runs(experiments)]
