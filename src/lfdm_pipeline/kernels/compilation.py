"""Where compiled loops are kept, so that only the first process compiles them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from numba import config

from lfdm_pipeline.kernels.vectors import LANES


@contextmanager
def kept_compilations() -> Iterator[bool]:
    """Within, Numba keeps what it compiles in a folder of its own for this code; yields whether it can."""
    before, folder = config.CACHE_DIR, _folder()
    config.CACHE_DIR = str(folder)
    try:
        yield _is_writable(folder)
    finally:
        config.CACHE_DIR = before


@cache
def _folder() -> Path:
    # Numba compares a loop's own file alone, not those of what it calls.
    code = hashlib.sha256(str(LANES).encode())
    here = Path(__file__).parent
    for path in sorted(here.glob("*.py")):
        code.update(path.read_bytes())
    return here / "__pycache__" / f"loops-{code.hexdigest()[:16]}"


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
