"""Speed and memory of every hot path at the published sizes, beside its plain variant (`make bench`)."""

from typing import Any

import pytest
import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import compare, needs
from tests.benchmarks.sizes import PUBLISHED

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA")
ROUNDS = 3


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=CUDA)])
@pytest.mark.parametrize("name", CASES)
def test_speed(benchmark: Any, name: str, device: str) -> None:
    case, where = CASES[name], torch.device(device)
    found = {variant: needs(name, variant, where) for variant in ("ours", "plain")}
    compare(benchmark, *case.make(PUBLISHED, where), where, ROUNDS)
    benchmark.extra_info.update(needs=found, case=name, device=device)
