"""A variant of a case in a process of its own: `python -m tests.benchmarks.serving CASE VARIANT DEVICE`.

How memory is got from the system is a process' own matter: ours keeps what was freed, as every run does; plain does
not. Prints the seconds of a call for every line that it reads.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import Call, Timer, timed
from tests.benchmarks.sizes import PUBLISHED

from lfdm_pipeline.allocator import keep_freed_memory

ROOT = Path(__file__).parents[2]


@contextmanager
def served(case: str, variant: str, device: torch.device) -> Iterator[Timer]:
    """Within, a timer of one variant ("ours", "bf16", "plain") of a case."""
    command = [sys.executable, "-m", "tests.benchmarks.serving", case, variant, device.type]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, bufsize=1) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def time_one() -> float:
            requests.write("\n")
            return float(answers.readline())

        yield time_one
        requests.close()


def prepared(case: str, variant: str, device: torch.device) -> Call:
    """The call that a variant is, and for ours the allocator as in every run."""
    if variant != "plain":
        keep_freed_memory()
    ours, plain = CASES[case].make(PUBLISHED, device)
    return {"ours": ours, "bf16": _in_bf16(ours, device), "plain": plain}[variant]


def _in_bf16(call: Call, device: torch.device) -> Call:
    def compute() -> None:
        with torch.autocast(device.type, torch.bfloat16):
            call()

    return compute


def main(case: str, variant: str, device: str) -> None:
    """Serve one variant."""
    where = torch.device(device)
    call = prepared(case, variant, where)
    for _ in sys.stdin:
        sys.stdout.write(f"{timed(call, where)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
