"""Ours and plain by turns, so that whatever else the machine does meets both; memory is kept as in every run."""

import time
from collections.abc import Callable
from typing import Any

import torch

from lfdm_pipeline.allocator import keep_freed_memory

SIDE = 2048
LONG = 10.0
Call = Callable[[], object]


def compare(benchmark: Any, title: str, ours: Call, plain: Call, device: torch.device, *, halves: bool = False) -> None:
    """Measure both into `benchmark.extra_info`, with `halves` ours in bf16 too; each round times a matrix product."""
    keep_freed_memory()
    calls = {"product": _product(device), "plain": plain}
    if halves and _bf16(device):
        calls["bf16"] = _in_bf16(ours, device)
    # What takes long warms itself.
    long = timed(ours, device) > LONG
    warming = 0 if long else sum(timed(call, device) for call in calls.values())
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *calls)}

    def others() -> None:
        for name, call in calls.items():
            seconds[name].append(timed(call, device))

    rounds = 1 if long else 2 if warming > LONG else 3
    benchmark.pedantic(lambda: seconds["ours"].append(timed(ours, device)), setup=others, rounds=rounds)
    benchmark.extra_info.update(title=title, device=device.type, threads=torch.get_num_threads(), seconds=seconds)


def timed(call: Call, device: torch.device) -> float:
    """Seconds of a call."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


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
