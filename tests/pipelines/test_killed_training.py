"""A training that was killed goes on in the MLflow run that it was killed in."""

import os
import signal

from mlflow.tracking import MlflowClient
from tests.pipelines.tiny_project import Project
from tests.training.children import Child

from lfdm_pipeline.training import optimisation

STEPS = 10


def train(project: Project, **execution: int) -> None:
    training = {"log_every": 1, "checkpoint_every": 4, "preview_every": 1000, **execution}
    project.run("ingestion", "lfae_training", lfae={"training": {"steps": STEPS}}, training=training)


def dies_at_step_7(number: int, options: object) -> float:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1e-3


def die(project: Project) -> None:
    optimisation.learning_rate = dies_at_step_7
    train(project)


def test_killed_and_then_shared_by_two_processes_it_is_one_run_with_every_step_once(
    tiny_project: Project, mlflow_uri: str
) -> None:
    assert Child(lambda pipe: die(tiny_project)).end() == -signal.SIGKILL
    checkpoints = tiny_project.root / "data/06_models/synthetic/main/lfae_checkpoints/checkpoints"
    assert [path.name for path in checkpoints.glob("step_*.pt")] == ["step_00000004.pt"]

    train(tiny_project, num_processes=2)
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name("synthetic")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.tags["changed.training.num_processes"] == "2"
    for curve in ("loss", "gradient_norm", "learning_rate", "data_wait", "peak_memory_gib"):
        history = client.get_metric_history(run.info.run_id, f"lfae/{curve}")
        assert [point.step for point in history] == list(range(1, STEPS + 1)), curve
    shown = [file.path for file in client.list_artifacts(run.info.run_id, "lfae/preview")]
    assert shown == [f"lfae/preview/step_{STEPS:06d}.{kind}" for kind in ("mp4", "png")]
