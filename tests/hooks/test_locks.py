import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kedro.io import DatasetError
from tests.hooks.conftest import Toy

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.lock import Lock


def locks(toy: Toy) -> list[Path]:
    return list(toy.root.rglob(".*.lock"))


def test_what_another_run_makes_is_refused_and_the_rest_is_not(toy: Toy) -> None:
    toy.run()
    other = Lock(toy.data() / "weights.json")
    other.acquire()
    with pytest.raises(InputError, match=r"weights.json is being made by another run \(process \d+ on "):
        toy.run("training", seed=2)
    assert toy.run("ingestion") == ["prepare", "list_recordings", "ingest"]
    assert locks(toy) == [other.path]
    assert (toy.data() / "weights.json").exists(), "what is there is not touched"
    other.release()
    assert toy.run("training") == ["train"]


def test_locks_are_given_back_whether_a_run_succeeds_or_fails(toy: Toy) -> None:
    toy.run()
    assert locks(toy) == []
    with pytest.raises(InputError, match="out of memory"):
        toy.run(model={"options": {"width": 101}})
    assert locks(toy) == []


def test_two_commands_at_once(toy_root: Path) -> None:
    """The second is refused with one line while the first lives, and takes over once that is killed."""
    environment = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    command = [sys.executable, "-m", "kedro", "run", "--pipelines", "ingestion"]
    first = subprocess.Popen(
        command, cwd=toy_root, env={**environment, "TOY_SLEEP": "600"}, stdout=subprocess.DEVNULL, text=True
    )
    lock = toy_root / "data/synthetic/main/.clips.lock"
    while not lock.exists():
        assert first.poll() is None
        time.sleep(0.05)
    second = subprocess.run(command, cwd=toy_root, env=environment, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith(f"Error: clips is being made by another run (process {first.pid} on ")
    assert second.stderr.count("\n") == 1

    first.send_signal(signal.SIGKILL)
    first.wait()
    assert lock.exists()
    third = subprocess.run(command, cwd=toy_root, env=environment, capture_output=True, text=True, check=False)
    assert third.returncode == 0, third.stderr
    assert not lock.exists()


def test_an_input_that_another_run_replaces_is_noticed(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading takes no lock: what was made from something that changed meanwhile is not kept."""
    from toy import nodes

    from lfdm_pipeline.datasets.manifest import Manifest

    toy.run()
    manifest = toy.data() / "clips" / "manifest.json"

    def replace_clips() -> None:
        made = Manifest.read(manifest)
        assert made is not None
        Manifest(**{**vars(made), "fingerprint": "other"}).write(manifest)

    monkeypatch.setattr(nodes, "MEANWHILE", [replace_clips])
    with pytest.raises(DatasetError, match="clips was changed by another run while it was in use"):
        toy.run("training", seed=2)
    assert json.loads((toy.data() / "weights.json").read_text())["seed"] == 1
