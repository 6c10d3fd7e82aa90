import time

import numpy as np
import pytest
import torch
from tests.evaluation.clock import Clock

from lfdm_pipeline.evaluation import timing
from lfdm_pipeline.evaluation.timing import device_name, time_calls

CPU = torch.device("cpu")


def test_the_warm_up_is_called_and_not_counted(monkeypatch):
    clock, needed = Clock(), iter((9, 8, 3, 1, 2))
    monkeypatch.setattr(timing, "time", clock)
    timed = time_calls(lambda: clock.passes(next(needed)), CPU, warmup=2, repeats=3, name="calls")
    assert timed.seconds == (3, 1, 2)
    assert timed.median == 2
    assert next(needed, None) is None


def test_a_call_takes_as_long_as_it_takes():
    [seconds] = time_calls(lambda: time.sleep(0.05), CPU, warmup=0, repeats=1, name="sleep").seconds
    assert 0.05 <= seconds < 5


def test_peak_memory_follows_the_calls():
    little = time_calls(lambda: np.ones(10), CPU, 0, 1, "little").peak_memory
    much = time_calls(lambda: np.ones(30_000_000), CPU, 0, 1, "much").peak_memory  # 240 MB
    assert much - little == pytest.approx(240e6, rel=0.3)


def test_the_device_has_a_name():
    assert device_name(CPU).endswith(("thread", "threads"))
    assert device_name(CPU) != "cpu"
