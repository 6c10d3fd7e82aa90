"""Whatever was changed and killed in whatever order: what is there in the end is what a clean run makes."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from tests.kills.killing import changes_left, dying_at
from tests.kills.sequences import begin, change
from tests.kills.tiny_line import artifacts, make

PROJECT = Path(__file__).parents[2]
SEQUENCES = 100
MOST_CHANGES = 1000

DRIVER = """
import json, os, random, signal, sys, time
from pathlib import Path
import torch
torch.set_num_threads(1)
from tests.kills.sequences import begin, change
from tests.kills.tiny_line import artifacts, make

root, count = Path(sys.argv[1]), int(sys.argv[2])
for seed in range(count):
    rng = random.Random(seed)
    raw, data = root / f"raw{seed}", root / f"data{seed}"
    parameters = begin(raw)
    for _ in range(3):
        change(parameters, raw, rng)
        child = os.fork()
        if child == 0:
            make(data, raw, parameters)
            os._exit(0)
        time.sleep(rng.random() * 0.15)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    make(data, raw, parameters)
    (root / f"parameters{seed}.json").write_text(json.dumps(parameters))
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many changes of files a whole run makes."""
    root = tmp_path_factory.mktemp("whole")
    parameters = begin(root / "raw")
    with dying_at(MOST_CHANGES, root / "data"):
        make(root / "data", root / "raw", parameters)
    return MOST_CHANGES - changes_left()


def test_a_death_leaves_nothing_done_after_it(tmp_path: Path, events: int) -> None:
    assert 60 < events < MOST_CHANGES
    parameters = begin(tmp_path / "raw")
    with dying_at(5, tmp_path / "data"):
        make(tmp_path / "data", tmp_path / "raw", parameters)
    assert len([path for path in tmp_path.rglob("*") if path.is_file() and "data" in path.parts]) < 5
    assert not (tmp_path / "data" / "report.txt").exists()


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_changed_and_killed_it_ends_as_a_clean_run(seed: int, tmp_path: Path, events: int) -> None:
    rng = random.Random(seed)
    raw, data = tmp_path / "raw", tmp_path / "data"
    parameters = begin(raw)
    for _ in range(rng.randint(1, 4)):
        with dying_at(rng.randint(1, events), data):
            make(data, raw, parameters)
        change(parameters, raw, rng)
    make(data, raw, parameters)
    make(tmp_path / "clean", raw, parameters)
    assert artifacts(data) == artifacts(tmp_path / "clean")
    assert len(artifacts(data)) > 10


def test_truly_killed(tmp_path: Path) -> None:
    count = 6
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(tmp_path), str(count)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for seed in range(count):
        parameters = json.loads((tmp_path / f"parameters{seed}.json").read_text())
        make(tmp_path / f"clean{seed}", tmp_path / f"raw{seed}", parameters)
        assert artifacts(tmp_path / f"data{seed}") == artifacts(tmp_path / f"clean{seed}"), seed
