"""The real project with one environment for a new domain, and runs of it within the test's own process."""

import logging
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

PROJECT = Path(__file__).parents[2]
DECODER = ("generator.bottleneck.", "generator.up_blocks.", "generator.final.")


def lay_out(root: Path, env: str, tiny: dict[str, Any]) -> Path:
    """Copy the project's configuration and merge tiny sizes into that of one environment."""
    for folder in ("base", env):
        shutil.copytree(PROJECT / "conf" / folder, root / "conf" / folder)
    for file in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT / file, root)
    (root / "src").mkdir()
    (root / "conf" / "local").mkdir()
    parameters = root / "conf" / env / "parameters.yml"
    parameters.write_text(yaml.safe_dump(merged(yaml.safe_load(parameters.read_text()), tiny)))
    return root


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Values of one nested mapping over those of another."""
    both = {
        key: merged(below[key] or {}, above[key]) for key in below.keys() & above.keys() if isinstance(above[key], dict)
    }
    return below | above | both


@contextmanager
def bootstrapped(root: Path, empty_mlflow_database: Path) -> Iterator[None]:
    """Kedro's project for a while, with a tracking store of its own; everything is left as it was."""
    import mlflow
    from kedro.framework.startup import bootstrap_project

    handlers, paths, hook = list(logging.root.handlers), list(sys.path), sys.excepthook
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        uri = f"sqlite:///{shutil.copy(empty_mlflow_database, root / 'mlflow.db')}"
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        bootstrap_project(root)
        yield
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)
    logging.root.handlers[:], sys.path[:], sys.excepthook = handlers, paths, hook


def run_project(project: Path, env: str, *pipelines: str, **parameters: Any) -> set[str]:
    """Run what is missing or out of date; the names of the files that were written."""
    from kedro.framework.session import KedroSession

    before = written(project)
    with KedroSession.create(project, env=env, runtime_params=parameters) as session:
        session.run(pipeline_names=list(pipelines), only_missing_outputs=not pipelines)
    return {name for name, time in written(project).items() if before.get(name) != time}


def written(project: Path) -> dict[str, int]:
    """When each file of the project's data was written."""
    files = (project / "data").rglob("*")
    return {path.relative_to(project / "data").as_posix(): path.stat().st_mtime_ns for path in files if path.is_file()}


def contents(project: Path, corpus: str) -> dict[str, bytes]:
    """Every file of a corpus that another corpus may build on."""
    return {
        str(path): path.read_bytes()
        for folder in ("02_intermediate", "04_feature", "06_models", "07_model_output")
        for path in (project / "data" / folder / corpus).rglob("*")
        if path.is_file()
    }


def weights(project: Path, place: str) -> dict[str, np.ndarray]:
    """Weights of a model kept as `<corpus>/<experiment>/<entry>`."""
    return load_file(project / "data/06_models" / place / "weights.safetensors")
