"""Where compiled loops are kept, so that only the first process compiles them."""

import hashlib
import logging
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from llvmlite import binding
from numba import config, njit

from lfdm_pipeline.kernels.vectors import LANES

logger = logging.getLogger(__name__)

_lock = Lock()


def compiled(loop: Callable[..., None], signature: tuple[Any, ...]) -> Any:
    """Compile a loop, or read what an earlier process compiled of the same code for the same processor."""
    with _lock:
        before, folder = config.CACHE_DIR, kept_in()
        if not any(folder.rglob(f"{loop.__module__.rpartition('.')[2]}.{loop.__name__}-*.nbi")):
            _announce(folder)
        config.CACHE_DIR = str(folder)
        try:
            return _compile(loop, signature, cache=_is_writable(folder))
        except Exception as error:  # whatever Numba makes of a damaged file or a full disk
            logger.warning("compiled loops in %s are of no use: %r", folder, error)
            return _compile(loop, signature, cache=False)
        finally:
            config.CACHE_DIR = before


@cache
def _announce(folder: Path) -> None:
    """Say once in a process why its first step takes long."""
    logger.info("compiling loops for this processor, up to a minute in all; kept, where it can be, in %s", folder)


def _compile(loop: Callable[..., None], signature: tuple[Any, ...], *, cache: bool) -> Any:
    return njit(signature, error_model="numpy", cache=cache)(loop)


@cache
def kept_in() -> Path:
    """Return the folder of what is compiled of this code: below `NUMBA_CACHE_DIR` where it is set, else beside it."""
    # Numba compares a loop's own file alone, not those of what it calls.
    code = hashlib.sha256(f"{LANES} {binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}".encode())
    here = Path(__file__).parent
    for path in sorted(here.glob("*.py")):
        code.update(path.read_bytes())
    return Path(config.CACHE_DIR or here / "__pycache__") / f"loops-{code.hexdigest()[:16]}"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
