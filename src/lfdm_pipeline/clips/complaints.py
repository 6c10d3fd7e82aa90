"""What C libraries write to standard error: libjpeg tells of damage nowhere else."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


class Complaints:
    """Collects what this process' standard error gets while it is `heard`; not for several threads at once."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as this object

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Turn standard error into the collection."""
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(self._file.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)

    def said(self) -> str:
        """What came since the last time."""
        if not os.lseek(self._file.fileno(), 0, os.SEEK_CUR):
            return ""
        self._file.seek(0)
        text = self._file.read().decode(errors="replace")
        self._file.seek(0)
        self._file.truncate()
        return text
