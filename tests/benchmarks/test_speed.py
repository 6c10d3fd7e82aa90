"""Speed, memory and operations of every hot path at the published sizes, ours and plain (`make bench`)."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import compare
from tests.benchmarks.sizes import PUBLISHED

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA")
DEVICES = pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=CUDA)])


@DEVICES
@pytest.mark.parametrize("name", CASES)
def test_speed(benchmark: Any, name: str, device: str) -> None:
    where = torch.device(device)
    compare(benchmark, CASES[name].title, *CASES[name].make(PUBLISHED, where), where, halves=True)
    benchmark.extra_info["case"] = name


@DEVICES
@pytest.mark.parametrize("variant", ["ours", "plain"])
@pytest.mark.parametrize("name", CASES)
def test_needs(benchmark: Any, name: str, variant: str, device: str) -> None:
    """In a process of its own, whose peak is nobody else's."""
    command = [sys.executable, "-m", "tests.benchmarks.needs", name, variant, device]
    root = Path(__file__).parents[2]
    printed = benchmark.pedantic(subprocess.check_output, args=[command], kwargs={"cwd": root}, rounds=1)
    benchmark.extra_info.update(json.loads(printed), case=name, variant=variant, device=device)
