"""How long a call takes and how much memory it needs, measured so that the figures mean something."""

import platform
import re
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import torch
from tqdm import tqdm

GIB = 2**30


@dataclass(frozen=True)
class Timed:
    """Seconds of each repetition, and the most memory held in any.

    Attributes:
        seconds: One a repetition, the warm-up left out.
        peak_memory: Bytes: what the device's allocator held, or on a CPU the whole process.
    """

    seconds: tuple[float, ...]
    peak_memory: int

    @property
    def median(self) -> float:
        """Median seconds."""
        return median(self.seconds)


def time_calls(call: Callable[[], object], device: torch.device, warmup: int, repeats: int, name: str) -> Timed:
    """Call `warmup` times unmeasured, then `repeats` times, waiting for the device before and after each.

    Args:
        call: What to measure.
        device: Where it computes.
        warmup: Calls before, for caches, autotuning and compilation.
        repeats: Calls measured.
        name: What is measured, for the progress bar.
    """
    for _ in tqdm(range(warmup), desc=f"{name}, warm-up", unit="call", leave=False):
        call()
    _reset_peak(device)
    seconds = []
    for _ in tqdm(range(repeats), desc=name, unit="call"):
        _wait(device)
        start = time.perf_counter()
        call()
        _wait(device)
        seconds.append(time.perf_counter() - start)
    return Timed(tuple(seconds), _peak(device))


def device_name(device: torch.device) -> str:
    """What the machine calls the device, with the number of threads on a CPU."""
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    processor = _processor() if device.type == "cpu" else platform.processor() or platform.machine()
    threads = torch.get_num_threads()
    return f"{processor}, {threads} thread{'' if threads == 1 else 's'}" if device.type == "cpu" else processor


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def _reset_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return
    try:
        # Linux: 5 resets the high-water mark of the resident set.
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak(device: torch.device) -> int:
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    if found:
        return int(found[1]) * 1024
    # In kilobytes everywhere but on macOS, and over the whole life of the process.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()
