"""Memory that tensors of a CPU are made in."""

import ctypes
import sys

# glibc's names for what `mallopt` sets (malloc.h).
_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
_NEVER = 2**31 - 1


def keep_freed_memory() -> None:
    """Have glibc keep what is freed for what is asked for next; elsewhere nothing changes.

    By default large blocks go back to the system when they are freed, and every page of the next one has to be found
    and cleared anew, which costs a training step or the reading of large pictures up to a tenth and the decoding of
    clips up to a quarter of their time. The most that a process ever holds stays the same; it only does not shrink.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_MAX, 0)
        mallopt(_TRIM_THRESHOLD, _NEVER)
