"""Every fast path computes what its plain variant computes."""

import pytest
import torch
from tests.benchmarks.cases import CASES, Result
from tests.benchmarks.sizes import TINY
from torch import Tensor

CPU = torch.device("cpu")
# Relative norms of differences. Generated frames are rounded to whole levels; a flow that hardly moves lies where the
# gradient of bilinear sampling jumps, and rounding decides on which side.
TOLERANCE = dict.fromkeys(CASES, 1e-4) | {"generation": 2e-3, "lfae_step": 2e-3}
BF16_TOLERANCE = dict.fromkeys(CASES, 0.03) | {"generation": 0.05, "dm_step": 0.05, "lfae_step": 0.4}


def relative_errors(found: Result, wanted: Result) -> dict[str, float]:
    """Norm of each difference by the norm of what is wanted."""
    assert found.keys() == wanted.keys()
    pairs = {name: (_flat(found[name]), _flat(wanted[name])) for name in wanted}
    return {name: float((one - other).norm() / other.norm()) for name, (one, other) in pairs.items()}


def _flat(value: Tensor | list[Tensor]) -> Tensor:
    parts = value if isinstance(value, list) else [value]
    return torch.cat([part.float().flatten() for part in parts])


@pytest.mark.parametrize("name", CASES)
def test_float32_equals_the_plain_variant(name: str) -> None:
    ours, plain = CASES[name].make(TINY, CPU)
    errors = relative_errors(ours(), plain())
    assert max(errors.values()) < TOLERANCE[name]


@pytest.mark.parametrize("name", CASES)
def test_bfloat16_stays_near_the_plain_variant(name: str) -> None:
    ours, plain = CASES[name].make(TINY, CPU)
    with torch.autocast("cpu", torch.bfloat16):
        found = ours()
    errors = relative_errors(found, plain())
    assert max(errors.values()) < BF16_TOLERANCE[name]
