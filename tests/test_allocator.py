import subprocess
import sys

import pytest

# Sizes of a training step's tensors, each freed before the next is made.
FAULTS = """
import resource
import torch
from lfdm_pipeline.allocator import keep_freed_memory
keep_freed_memory()
def work():
    for size in (10, 20, 30, 40) * 5:
        torch.empty(size << 18).fill_(1)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's allocator")
def test_freed_memory_is_used_again() -> None:
    faults = int(subprocess.check_output([sys.executable, "-c", FAULTS], text=True))
    # Of 4 KB each, where glibc by default has some 50,000.
    assert faults < 1000
