"""How fast a training goes and what it takes: told while it runs, never kept with its curves."""

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import torch

GIB = 1 << 30


class Meter:
    """Measures the time since the last point, and how much of it went by waiting for data."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        self._start()

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Within, the training waits for data."""
        start = time.perf_counter()
        yield
        self._waited += time.perf_counter() - start

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within, something else than training is done."""
        start = time.perf_counter()
        yield
        self._began += time.perf_counter() - start

    def step(self) -> None:
        """Count a step."""
        self._steps += 1

    def point(self) -> dict[str, float]:
        """Rate, share of the time spent waiting for data, peak memory; the first two since the last point."""
        seconds = max(time.perf_counter() - self._began, 1e-9)
        values = {
            "steps_per_second": self._steps / seconds,
            "data_wait": self._waited / seconds,
            "peak_memory_gib": peak_memory(self.device) / GIB,
        }
        self._start()
        return values

    def _start(self) -> None:
        self._began, self._waited, self._steps = time.perf_counter(), 0.0, 0


def peak_memory(device: torch.device) -> int:
    """Bytes: the most that tensors took of a GPU, what MPS holds now, or the most that the process took."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
