from pathlib import Path

import pytest
from tests.pipelines.tiny_project import kedro, make_project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny project after one whole run."""
    root = make_project(tmp_path_factory.mktemp("project"))
    done = kedro(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root
