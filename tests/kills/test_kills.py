"""Whatever was changed and killed in whatever order: what is there in the end is what a clean run makes."""

import logging
import os
import pickle
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.kills.killing import changes_left, dying_at
from tests.kills.sequences import FIRST, World, worlds
from tests.kills.tiny_line import artifacts, make

PROJECT = Path(__file__).parents[2]
SEQUENCES = 100
MOST_CHANGES = 1000
SOON = 15
"""Changes of files within which half of the deaths fall: a run that has little to make anew makes few."""

DRIVER = """
import os, pickle, random, signal, sys, threading, time
from pathlib import Path
import torch
from tqdm import tqdm
torch.set_num_threads(1)
# Its own lock is shared by forked processes, and kept for ever by one that dies with it.
tqdm.set_lock(threading.RLock())
from tests.kills.sequences import worlds
from tests.kills.tiny_line import make

root, count = Path(sys.argv[1]), int(sys.argv[2])
for seed in range(count):
    rng = random.Random(seed)
    raw, data = root / f"raw{seed}", root / f"data{seed}"
    choices = worlds(rng)
    for _ in range(4):
        world = rng.choice(choices)
        world.lay_out(raw)
        child = os.fork()
        if child == 0:
            make(data, raw, world.parameters)
            os._exit(0)
        time.sleep(rng.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    make(data, raw, world.parameters)
    (root / f"world{seed}").write_bytes(pickle.dumps(world))
"""


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of lines on nodes that run take more time than the nodes."""
    caplog.set_level(logging.ERROR, "kedro")


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> int:
    """How many changes of files a whole run makes."""
    root = tmp_path_factory.mktemp("whole")
    FIRST.lay_out(root / "raw")
    with dying_at(MOST_CHANGES, root / "data"):
        make(root / "data", root / "raw", FIRST.parameters)
    return MOST_CHANGES - changes_left()


def assert_as_clean(data: Path, raw: Path, world: World, clean: Path) -> None:
    make(clean, raw, world.parameters)
    assert len(artifacts(clean)) > 10
    assert artifacts(data) == artifacts(clean)


def test_a_death_leaves_nothing_done_after_it(tmp_path: Path, events: int) -> None:
    assert 60 < events < MOST_CHANGES
    FIRST.lay_out(tmp_path / "raw")
    with dying_at(5, tmp_path / "data"):
        make(tmp_path / "data", tmp_path / "raw", FIRST.parameters)
    assert len([path for path in (tmp_path / "data").rglob("*") if path.is_file()]) < 5


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_changed_and_killed_it_ends_as_a_clean_run(seed: int, tmp_path: Path, events: int) -> None:
    rng = random.Random(seed)
    raw, data = tmp_path / "raw", tmp_path / "data"
    choices = worlds(rng)
    for _ in range(rng.randint(3, 8)):
        world = rng.choice(choices)
        world.lay_out(raw)
        with dying_at(rng.randint(1, rng.choice([SOON, events])), data):
            make(data, raw, world.parameters)
    world = rng.choice(choices)
    world.lay_out(raw)
    make(data, raw, world.parameters)
    assert_as_clean(data, raw, world, tmp_path / "clean")


def test_killed_at_any_moment_after_a_clip_was_edited(tmp_path: Path, events: int) -> None:
    raw, first, data = tmp_path / "raw", tmp_path / "first", tmp_path / "data"
    FIRST.lay_out(raw)
    make(first, raw, FIRST.parameters)
    edited = replace(FIRST, files={**FIRST.files, "b.txt": 60})
    edited.lay_out(raw)
    make(tmp_path / "clean", raw, edited.parameters)
    for event in range(1, events):
        shutil.copytree(first, data)
        with dying_at(event, data):
            make(data, raw, edited.parameters)
        make(data, raw, edited.parameters)
        assert artifacts(data) == artifacts(tmp_path / "clean"), event
        shutil.rmtree(data)
        if changes_left() > 0:
            return
    pytest.fail("the run never got to its end")


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
        world = pickle.loads((tmp_path / f"world{seed}").read_bytes())
        assert_as_clean(tmp_path / f"data{seed}", tmp_path / f"raw{seed}", world, tmp_path / f"clean{seed}")
