"""Ours and plain by turns, so that whatever else the machine does meets both."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F

SIDE = 2048
PRODUCTS = 15
LONG = 10.0
Call = Callable[[], object]
Timer = Callable[[], float]


def compare(benchmark: Any, title: str, ours: Call, plain: Call, device: torch.device) -> None:
    """Measure two calls of this process."""
    timers = {name: partial(timed, call, device) for name, call in (("ours", ours), ("plain", plain))}
    take_turns(benchmark, title, timers, device)


def take_turns(benchmark: Any, title: str, timers: Mapping[str, Timer], device: torch.device) -> None:
    """Measure "ours" and others into `benchmark.extra_info`; each round times a matrix product too, in two ways."""
    products = {name: partial(_time_product, device, name) for name in ("product", "convolution")}
    others = {**products, **timers}
    ours = others.pop("ours")
    # What takes long warms itself.
    long = ours() > LONG
    warming = 0 if long else sum(timer() for timer in others.values())
    seconds: dict[str, list[float]] = {name: [] for name in ("ours", *others)}

    def time_others() -> None:
        for name, timer in others.items():
            seconds[name].append(timer())

    rounds = 1 if long else 2 if warming > LONG else 3
    benchmark.pedantic(lambda: seconds["ours"].append(ours()), setup=time_others, rounds=rounds)
    benchmark.extra_info.update(title=title, seconds=seconds, **machine(device))


def machine(device: torch.device) -> dict[str, Any]:
    """What results of one table have in common."""
    instructions = torch.backends.cpu.get_cpu_capability() if device.type == "cpu" else ""
    return {"device": device.type, "threads": torch.get_num_threads(), "instructions": instructions}


def timed(call: Call, device: torch.device) -> float:
    """Seconds of a call."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    call()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _time_product(device: torch.device, way: str) -> float:
    """Seconds of a product of matrices of `SIDE`: the median of several, since a single one varies by half.

    As a convolution of one pixel it is another library's work: on a CPU whose maker is not Intel torch's own product
    leaves half of the processor idle.
    """
    matrix = torch.randn(SIDE, SIDE, device=device)
    # (1, C, 1, pixels), channels last
    images, kernels = matrix[None, None].permute(0, 3, 1, 2), matrix[:, :, None, None]
    call = (lambda: matrix @ matrix) if way == "product" else (lambda: F.conv2d(images, kernels))
    return median(timed(call, device) for _ in range(PRODUCTS))
