"""Speed, memory and operations of every hot path at the published sizes, ours and plain (`make bench`)."""

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest
import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import take_turns
from tests.benchmarks.serving import ROOT, served

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA")
DEVICES = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=CUDA)])


@DEVICES
@pytest.mark.parametrize("name", CASES)
def test_speed(benchmark: Any, name: str, device: str) -> None:
    where = torch.device(device)
    variants = ("ours", "plain", "bf16") if has_bf16(where) else ("ours", "plain")
    with ExitStack() as processes:
        timers = {variant: processes.enter_context(served(name, variant, where)) for variant in variants}
        take_turns(benchmark, CASES[name].title, timers, where)
    benchmark.extra_info["case"] = name


def has_bf16(device: torch.device) -> bool:
    """Whether arithmetic in half precision is any faster there."""
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.ops.mkldnn._is_mkldnn_bf16_supported()


@DEVICES
@pytest.mark.parametrize("variant", ["ours", "plain"])
@pytest.mark.parametrize("name", CASES)
def test_needs(benchmark: Any, name: str, variant: str, device: str) -> None:
    """In a process of its own, whose peak is nobody else's."""
    command = [sys.executable, "-m", "tests.benchmarks.needs", name, variant, device]
    printed = benchmark.pedantic(subprocess.check_output, args=[command], kwargs={"cwd": ROOT}, rounds=1)
    benchmark.extra_info.update(json.loads(printed), case=name, variant=variant, device=device)
