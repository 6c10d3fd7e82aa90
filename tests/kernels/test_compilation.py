"""What one process compiled the next one reads; what it cannot read costs time and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Compiles one loop and tells where it looked and what it computed.
SCRIPT = """
import logging, sys, torch
logging.basicConfig(stream=sys.stdout, format="%(message)s")
logging.getLogger("lfdm_pipeline").setLevel(logging.INFO)
from numba import config
from lfdm_pipeline.kernels.compilation import kept_in
from lfdm_pipeline.kernels.group_norm import sum_deviations
from lfdm_pipeline.kernels.vectors import LANES
x, sums = torch.tensor([[1.0] * 8, [3.0] * 8]), torch.zeros(1, 2, LANES, dtype=torch.double)
sum_deviations(sums, x, 2, 8, threads=1)
print("found", *sums[0, :, 0].tolist(), config.CACHE_DIR == sys.argv[1])
print("kept in", kept_in())
"""


def compute(kept: Path, **environment: str) -> str:
    given = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_CACHE_DIR": str(kept), **environment}
    command = [sys.executable, "-c", SCRIPT, str(kept)]
    printed = subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout
    assert "found 2.0 4.0 True" in printed
    return printed


def files(kept: Path, ending: str) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in kept.rglob(f"*.{ending}")}


def test_it_is_compiled_once_for_each_instruction_set(tmp_path: Path) -> None:
    first = compute(tmp_path)
    compiled = files(tmp_path, "nbc")
    assert len(compiled) == 1
    assert first.count("compiling loops for this processor") == 1
    again = compute(tmp_path)
    assert "compiling" not in again
    assert again.splitlines()[-2:] == first.splitlines()[-2:]
    assert files(tmp_path, "nbc") == compiled
    other = compute(tmp_path, ATEN_CPU_CAPABILITY="default")
    assert len(files(tmp_path, "nbc")) == (1 if other == again else 2)


@pytest.mark.parametrize("ending", ["nbi", "nbc"])
def test_a_damaged_file_is_told_and_no_obstacle(tmp_path: Path, ending: str) -> None:
    compute(tmp_path)
    for path in files(tmp_path, ending):
        path.write_bytes(path.read_bytes()[:7])
    assert "of no use" in compute(tmp_path)


def test_nowhere_to_keep_it_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert "of no use" not in compute(tmp_path / "kept")
