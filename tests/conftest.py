import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="session")
def empty_mlflow_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Creating MLflow's tables takes more than a second, copying them nothing."""
    from mlflow.tracking import MlflowClient

    folder = tmp_path_factory.mktemp("mlflow")
    # The default experiment keeps its artifacts below the directory that was the current one now.
    with contextlib.chdir(folder):
        MlflowClient(f"sqlite:///{folder}/mlflow.db").get_experiment("0")
    return folder / "mlflow.db"


@pytest.fixture
def mlflow_uri(tmp_path: Path, empty_mlflow_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A tracking store of the test's own, with the current directory beside it; runs left open are ended."""
    import mlflow

    uri = f"sqlite:///{shutil.copy(empty_mlflow_database, tmp_path / 'mlflow.db')}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    mlflow.set_tracking_uri(uri)
    yield uri
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)
