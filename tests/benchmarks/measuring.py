"""Ours and plain by turns, so that whatever else the machine does meets both; memory in processes of their own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch

SIDE = 2048
GIGA = 1e9
Call = Callable[[], object]


def compare(benchmark: Any, ours: Call, plain: Call, device: torch.device, rounds: int) -> None:
    """Measure both into `benchmark.extra_info`: each round the matrix product, plain, bf16 where it can be, ours."""
    calls = {"product": _product(device), "plain": plain} | ({"bf16": _in_bf16(ours, device)} if _bf16(device) else {})
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *calls)}
    info = benchmark.extra_info
    for call in (*calls.values(), ours):
        call()

    def others() -> None:
        for name, call in calls.items():
            seconds[name].append(timed(call, device))

    benchmark.pedantic(lambda: seconds["ours"].append(timed(ours, device)), setup=others, rounds=rounds)
    info["seconds"] = {name: median(values) for name, values in seconds.items()}
    info["ratio"] = _ratio(seconds["plain"], seconds["ours"])
    if "bf16" in seconds:
        info["bf16_ratio"] = _ratio(seconds["plain"], seconds["bf16"])
    # In products of two matrices of 2048^2, timed in the same round.
    info["products"] = _ratio(seconds["ours"], seconds["product"])
    info["peak"] = 2 * SIDE**3 / GIGA / info["seconds"]["product"]
    info["load"] = os.getloadavg()[0]


def needs(case: str, variant: str, device: torch.device) -> dict[str, int]:
    """Bytes and operations of one call, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.needs", case, variant, device.type]
    root = Path(__file__).parents[2]
    found: dict[str, int] = json.loads(subprocess.run(command, cwd=root, check=True, stdout=subprocess.PIPE).stdout)
    return found


def timed(call: Call, device: torch.device) -> float:
    """Seconds of a call."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _ratio(above: list[float], below: list[float]) -> float:
    return median(a / b for a, b in zip(above, below, strict=True))


def _product(device: torch.device) -> Call:
    matrix = torch.randn(SIDE, SIDE, device=device)
    return lambda: matrix @ matrix


def _bf16(device: torch.device) -> bool:
    return torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.ops.mkldnn._is_mkldnn_bf16_supported()


def _in_bf16(call: Call, device: torch.device) -> Call:
    def compute() -> None:
        with torch.autocast(device.type, torch.bfloat16):
            call()

    return compute
