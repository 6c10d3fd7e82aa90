import time

import numpy as np
import pytest
import torch

from lfdm_pipeline.evaluation.timing import device_name, time_calls

CPU = torch.device("cpu")


def test_the_warm_up_is_called_and_not_counted():
    calls = []

    def call():
        time.sleep(0.2 if not calls else 0.01)
        calls.append(1)

    timed = time_calls(call, CPU, warmup=1, repeats=3, name="sleep")
    assert len(calls) == 4
    assert len(timed.seconds) == 3
    assert min(timed.seconds) >= 0.01
    assert timed.median == sorted(timed.seconds)[1]


def test_peak_memory_follows_the_calls():
    little = time_calls(lambda: np.ones(10), CPU, 0, 1, "little").peak_memory
    much = time_calls(lambda: np.ones(30_000_000), CPU, 0, 1, "much").peak_memory  # 240 MB
    assert much - little == pytest.approx(240e6, rel=0.3)


def test_the_device_has_a_name():
    assert device_name(CPU).endswith(("thread", "threads"))
    assert device_name(CPU) != "cpu"
