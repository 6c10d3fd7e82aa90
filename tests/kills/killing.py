"""A process that dies at a chosen moment, without its death."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

EVENTS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.chmod", "shutil.rmtree"})


class Killed(BaseException):
    """Stands for SIGKILL."""


class _Fate:
    """Counts what is done to files below a folder; from the chosen event on, nothing is done any more."""

    def __init__(self) -> None:
        self.folder = ""
        self.left = -1

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.folder or event not in EVENTS or not self._is_below(arguments[0]):
            return
        if event == "open" and not _writes(arguments):
            return
        self.left -= 1
        if self.left <= 0:
            # Also whatever tidies up: a killed process tidies nothing.
            raise Killed

    def _is_below(self, path: Any) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self.folder)


def _writes(arguments: tuple[Any, ...]) -> bool:
    _, mode, flags = arguments
    return any(letter in str(mode) for letter in "wax+") if mode else bool(flags & (os.O_WRONLY | os.O_RDWR))


_FATE = _Fate()
_INSTALLED: list[bool] = []


@contextmanager
def dying_at(event: int, folder: Path) -> Iterator[None]:
    """Let everything below `folder` fail from the given change of a file on; swallows the death."""
    if not _INSTALLED:
        # Cannot be taken back, and is idle while no folder is set.
        sys.addaudithook(_FATE)
        _INSTALLED.append(True)
    _FATE.left, _FATE.folder = event, str(folder)
    try:
        yield
    except Killed:
        pass
    finally:
        _FATE.folder = ""


def changes_left() -> int:
    """How many changes the last one could have gone on for."""
    return _FATE.left
