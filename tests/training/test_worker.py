import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from lfdm_pipeline.training.messages import Failed


@pytest.fixture
def worker(tmp_path: Path):
    """A process whose job is not there, so that it fails at once, with a parent that listens on."""
    command = [sys.executable, "-m", "lfdm_pipeline.training.worker", str(tmp_path / "absent")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_it_ends_in_peace_while_its_parent_still_listens(worker: subprocess.Popen) -> None:
    assert worker.stdout is not None
    assert worker.stderr is not None
    message = pickle.load(worker.stdout)
    assert isinstance(message, Failed)
    assert "FileNotFoundError" in message.reason
    assert worker.wait(timeout=60) == 0
    assert worker.stderr.read() == b""
