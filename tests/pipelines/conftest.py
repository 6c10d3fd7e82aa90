import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pipelines.tiny_project import TINY, Project, kedro, make_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project after one whole run."""
    root = make_project(tmp_path_factory.mktemp("project"))
    done = kedro(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture
def tiny_project(tmp_path: Path, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    from kedro.framework.startup import bootstrap_project

    root = make_project(tmp_path / "project")
    smaller = "train_subjects: 1, test_subjects: 1, min_frames: 4, max_frames: 6"
    tiny = TINY.replace("train_subjects: 2, test_subjects: 1, min_frames: 6, max_frames: 8", smaller)
    assert smaller in tiny
    (root / "conf" / "tiny" / "parameters.yml").write_text(tiny)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = list(logging.root.handlers)
    bootstrap_project(root)
    yield Project(root)
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)
