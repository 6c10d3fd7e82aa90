import contextlib
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

# How long an example takes says nothing on a busy machine.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Random numbers of a test are the same whichever tests its process ran before."""
    import torch

    torch.manual_seed(0)


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
    # MLflow remembers for the whole process which experiment is the present one, and tells child processes.
    monkeypatch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    yield uri
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


@pytest.fixture(scope="session")
def s3_bucket() -> Iterator[str]:
    """A bucket of a server of the test run's own that speaks S3; found by the environment, as in real life."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        environment.setenv("AWS_ACCESS_KEY_ID", "nobody")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        import s3fs

        s3fs.S3FileSystem().mkdir("tests")
        yield "s3://tests"
    server.stop()


@pytest.fixture(params=["memory", "s3"])
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of the test's own that is not on this machine's disk, as a URL."""
    monkeypatch.setenv("LFDM_CACHE", str(tmp_path / "cache"))
    root = "memory:/" if request.param == "memory" else request.getfixturevalue("s3_bucket")
    return f"{root}/{uuid4().hex}"
