import subprocess
import sys

import pytest

# Sizes of a training step's tensors, each freed before the next is made.
FAULTS = """
import resource, sys
import torch
from lfdm_pipeline.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    keep_freed_memory()
def work():
    for size in (10, 20, 30, 40) * 5:
        torch.empty(size << 18).fill_(1)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    return int(subprocess.check_output([sys.executable, "-c", FAULTS, how], text=True))


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_freed_memory_is_used_again() -> None:
    assert faults("kept") < 0.1 * faults("given back")
