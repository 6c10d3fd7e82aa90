"""Prints what one call of one variant of one case needs: `python -m tests.benchmarks.needs CASE VARIANT DEVICE`."""

import json
import sys

import torch
from tests.benchmarks.operations import counted
from tests.benchmarks.serving import prepared
from torch.utils.flop_counter import FlopCounterMode

from lfdm_pipeline.evaluation.timing import time_calls


def main(case: str, variant: str, device: str) -> None:
    """Bytes: all of this process, on CUDA what its allocator held. Operations: of matrix products and convolutions."""
    where = torch.device(device)
    call = prepared(case, variant, where)
    with FlopCounterMode(display=False) as counter, counted() as in_loops:
        peak = time_calls(call, where, 0, 1, case).peak_memory
    json.dump({"bytes": peak, "operations": counter.get_total_flops() + sum(in_loops)}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
