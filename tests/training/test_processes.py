"""Two gloo processes, started as a node starts them."""

import os
import signal
from pathlib import Path

import pandas as pd
import pytest
from tests.training.children import EXECUTION, Silence, assert_same, carry_out

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training import train as training
from lfdm_pipeline.training.signals import Stopped
from lfdm_pipeline.training.step import Step

# A small rate: what rounding does differently is not to grow from step to step.
OPTIONS = {"steps": 8, "ema_decay": 0.9, "learning_rate": 1e-4}
KILLED = r"lfae: training process 1 of 2 was killed \(signal 9\).*run the same command again to go on"
TWO = EXECUTION.model_copy(update={"num_processes": 2})


def rank_processes() -> dict[int, int]:
    """Process ids of this process's training processes, by rank."""
    pids = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    found = {}
    for pid in map(int, pids):
        variables = dict(
            each.split(b"=", 1) for each in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if b"=" in each
        )
        if b"RANK" in variables:
            found[int(variables[b"RANK"])] = pid
    return found


class ActsAt(Silence):
    """Calls something as soon as a step is reported, in this process."""

    def __init__(self, step: int, action) -> None:
        self.step, self.action = step, action

    def __call__(self, values, step) -> None:
        if step == self.step and any(name.endswith("/loss") for name in values):
            self.action()


class Steps(Silence):
    def __init__(self) -> None:
        self.steps: list[int] = []

    def __call__(self, values, step) -> None:
        if any(name.endswith("/loss") for name in values):
            self.steps.append(step)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory):
    log = Steps()
    folder = tmp_path_factory.mktemp("two")
    curves, weights = carry_out("lfae", folder, log, TWO, **OPTIONS)
    return curves, weights, log


def test_two_processes_see_the_curves_of_one_with_the_same_whole_batch(two, tmp_path: Path) -> None:
    curves, _, _ = two
    alone, _ = carry_out("lfae", tmp_path, Silence(), **OPTIONS)
    norm = "gradient_norm"
    pd.testing.assert_frame_equal(curves.drop(columns=norm), alone.drop(columns=norm), rtol=1e-4, atol=1e-5)
    pd.testing.assert_series_equal(curves[norm], alone[norm], rtol=1e-3)


def test_live_values_come_from_one_of_them(two) -> None:
    assert two[2].steps == list(range(1, 9))


def test_a_killed_process_is_told_and_the_training_goes_on_from_the_last_checkpoint(two, tmp_path: Path) -> None:
    log = ActsAt(5, lambda: os.kill(rank_processes()[1], signal.SIGKILL))
    with pytest.raises(InputError, match=KILLED):
        carry_out("lfae", tmp_path, log, TWO, **OPTIONS)
    assert rank_processes() == {}

    # A signal to the parent reaches them all, also where each got it already, and they stop after the same step.
    log = ActsAt(5, lambda: [os.kill(pid, signal.SIGTERM) for pid in (*rank_processes().values(), os.getpid())])
    with pytest.raises(Stopped) as stopped:
        carry_out("lfae", tmp_path, log, TWO, **OPTIONS)
    assert stopped.value.code == 128 + signal.SIGTERM

    curves, weights = carry_out("lfae", tmp_path, Silence(), TWO, **OPTIONS)
    assert_same(weights, two[1])
    pd.testing.assert_frame_equal(curves, two[0], check_exact=True)


def test_a_batch_that_cannot_be_shared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lfae.training.batch_size=3 cannot be divided evenly among 2 processes"):
        carry_out("lfae", tmp_path, Silence(), TWO, batch_size=3)


def test_weights_are_moved_to_the_cpu_before_they_are_pickled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    monkeypatch.setattr(Step, "cpu", lambda step: done.append("moved"))
    monkeypatch.setattr(training, "run_in_processes", lambda job, log: done.append("pickled"))
    carry_out("regions", tmp_path, Silence(), TWO, steps=1)
    assert done == ["moved", "pickled"]
