import logging
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TOY_PROJECT = Path(__file__).parents[1] / "toy_project"


@dataclass(frozen=True)
class Toy:
    """A small project of six nodes; `run` says which of them ran."""

    root: Path

    def run(self, *pipelines: str, only_missing: bool = False, env: str | None = None, **parameters: Any) -> list[str]:
        from kedro.framework.project import settings
        from toy import nodes

        nodes.RAN.clear()
        with settings.SESSION_CLASS.create(self.root, env=env, runtime_params=parameters) as session:
            session.run(pipeline_names=list(pipelines), only_missing_outputs=only_missing)
        return list(nodes.RAN)

    def missing(self, env: str | None = None, **parameters: Any) -> list[str]:
        """Make what is missing or out of date."""
        return self.run(only_missing=True, env=env, **parameters)

    def data(self, experiment: str = "main") -> Path:
        return self.root / "data" / "synthetic" / experiment


@pytest.fixture
def toy_root(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TOY_PROJECT, tmp_path / "project"))


@pytest.fixture
def toy(toy_root: Path, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Toy]:
    from kedro.framework.startup import bootstrap_project

    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = list(logging.root.handlers)
    bootstrap_project(toy_root)
    yield Toy(toy_root)
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)
