import os
import time
from pathlib import Path

import pytest

from lfdm_pipeline.clips.workers import Done, Failed, call_in_workers


def test_every_argument_gets_its_outcome():
    outcomes = dict(call_in_workers(abs, [-1, 2, -3, 4], workers=2))
    assert outcomes == {-1: Done(1), 2: Done(2), -3: Done(3), 4: Done(4)}


def test_no_arguments_start_nothing():
    assert list(call_in_workers(abs, [], workers=2)) == []


def test_an_exception_is_a_failure_that_names_it():
    outcomes = dict(call_in_workers(int, ["3", "x"], workers=1))
    assert outcomes["3"] == Done(3)
    assert isinstance(outcomes["x"], Failed)
    assert "ValueError" in outcomes["x"].reason


def test_a_crash_takes_nothing_else_down():
    outcomes = list(call_in_workers(os._exit, [3], workers=1)) + list(call_in_workers(abs, [-1], workers=1))
    assert outcomes == [(3, Failed("its process died (exit code 3)")), (-1, Done(1))]


def test_a_call_that_hangs_is_ended_and_others_go_on():
    start = time.monotonic()
    outcomes = dict(call_in_workers(time.sleep, [60, 0.01, 0.02], workers=1, timeout=3))
    assert time.monotonic() - start < 20
    assert outcomes[60] == Failed("took longer than 3 s and was ended")
    assert outcomes[0.01] == outcomes[0.02] == Done(None)


def test_what_a_call_prints_does_not_disturb():
    outcomes = list(call_in_workers(os.system, ["echo loud"], workers=1))
    assert outcomes == [("echo loud", Done(0))]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_stopping_early_ends_the_processes():
    calls = call_in_workers(time.sleep, [0, 60, 60], workers=2)
    next(calls)
    calls.close()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    commands = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    assert not any(b"_serve" in command for command in commands)
