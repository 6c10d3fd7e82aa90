import os
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest
import torch
from tests.training.children import EXECUTION, Child, Silence, StepsThrough, assert_same, carry_out

from lfdm_pipeline.training.signals import Stopped, stop_request

STEPS = 12


def sleep_through(pipe) -> None:
    with stop_request():
        pipe.write(b"\x01")
        pipe.flush()
        # As good as a kernel or another process that never answers.
        time.sleep(60)
        time.sleep(60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_after_the_step_with_everything_saved(number: signal.Signals, tmp_path: Path) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    curves, weights = carry_out("probe", tmp_path / "whole", Silence(), steps=STEPS)
    folder = tmp_path / "stopped"
    child = Child(lambda pipe: carry_out("probe", folder, StepsThrough(pipe), steps=STEPS))
    assert child.wait_for(5)
    child.signal(number)
    assert child.end() == 128 + number
    latest = max(path.name for path in (folder / "probe/checkpoints").glob("step_*.pt"))
    assert int(latest[5:-3]) >= 5
    assert torch.load(folder / "probe/checkpoints" / latest, weights_only=True)["step"] < STEPS
    resumed_curves, resumed = carry_out("probe", folder, Silence(), steps=STEPS)
    torch.set_num_threads(threads)
    assert_same(weights, resumed)
    pd.testing.assert_frame_equal(curves, resumed_curves, check_exact=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_leaves_those_who_load_data(number: signal.Signals, tmp_path: Path) -> None:
    loading = EXECUTION.model_copy(update={"workers": 2, "checkpoint_every": 1000})

    def train(pipe) -> None:
        os.setsid()
        carry_out("probe", tmp_path, StepsThrough(pipe), loading, steps=250)

    child = Child(train)
    assert child.wait_for(3)
    os.killpg(child.pid, number)
    assert child.end() == 128 + number
    assert len(list((tmp_path / "probe/checkpoints").glob("step_*.pt"))) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(number: signal.Signals) -> None:
    child = Child(sleep_through)
    assert child.wait_for(1)
    child.signal(number)
    time.sleep(0.5)
    assert os.waitpid(child.pid, os.WNOHANG) == (0, 0)
    child.signal(number)
    assert child.end() == -number


def test_a_signal_that_nobody_heeded_ends_what_comes_next() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Stopped) as stopped, stop_request():
        signal.raise_signal(signal.SIGTERM)
    assert stopped.value.code == 128 + signal.SIGTERM
    assert signal.getsignal(signal.SIGTERM) is before


def test_handlers_are_given_back_and_other_threads_have_none() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stop_request():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before

    def inside() -> None:
        with stop_request() as stop:
            assert stop.number is None
            assert signal.getsignal(signal.SIGTERM) is before

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
