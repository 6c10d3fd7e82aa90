"""Locks that say who holds them, on any storage; those of dead processes are taken over."""

import json
import os
import secrets
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self, cast

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import is_remote

BEAT = timedelta(minutes=1)
DEAD_AFTER = timedelta(minutes=10)
"""A holder on another machine that has not renewed its lock for so long is taken for dead."""
CLOCK_TOLERANCE = 2.0
"""Seconds by which the recorded start of one process may differ, since clocks are set."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Attributes:
        host: name of the machine.
        namespace: what process ids count within, where the machine has several such worlds (containers).
        pid: process id.
        started: when the process started, seconds since 1970: process ids are used again.
        command: its command line.
        since: when it took the lock, UTC, ISO 8601.
        renewed: when it last said that it lives.
        token: tells this taking of the lock from any other.
    """

    host: str
    namespace: str
    pid: int
    started: float
    command: str
    since: str
    renewed: str
    token: str

    @classmethod
    def this_process(cls) -> Self:
        """This process, with a token of its own."""
        now = _now().isoformat(timespec="seconds")
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
        pid = os.getpid()
        return cls(
            socket.gethostname(), _namespace(), pid, _started(pid) or 0.0, command, now, now, secrets.token_hex(8)
        )

    def is_dead(self) -> bool:
        """Whether its process is gone: looked up on this machine, concluded from silence on another one."""
        if (self.host, self.namespace) == (socket.gethostname(), _namespace()):
            started = _started(self.pid)
            return started is None or abs(started - self.started) > CLOCK_TOLERANCE
        return _now() - datetime.fromisoformat(self.renewed) > DEAD_AFTER

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} since {self.since}: {self.command}"


class Lock:
    """The lock of the artifact at `path`: the file `.<name>.lock` beside it, which names its holder."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f".{path.name}.lock")
        self.holder: Holder | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            InputError: a living process holds it; says which.
        """
        mine = Holder.this_process()
        if not (_create(self.path, mine) or self._take_over(mine)):
            made = self.path.name.removeprefix(".").removesuffix(".lock")
            who = _read(self.path) or f"unknown; if there is none, remove {self.path}"
            raise InputError(
                f"{made} is being made by another run ({who}): let it end, "
                "or give this one artifacts of its own by --params experiment=NAME"
            )
        self.holder = mine

    def is_held(self) -> bool:
        """Whether the lock is still this one's to hold."""
        there = _read(self.path)
        return self.holder is not None and there is not None and there.token == self.holder.token

    def renew(self) -> None:
        """Say that the holder lives."""
        if self.holder is not None and self.is_held():
            renewed = {**asdict(self.holder), "renewed": _now().isoformat(timespec="seconds")}
            atomic.write_text(self.path, json.dumps(renewed))

    def release(self) -> None:
        """Give the lock back; no error where it was lost."""
        if self.is_held():
            self.path.unlink(missing_ok=True)
        self.holder = None

    def _take_over(self, mine: Holder) -> bool:
        dead = _read(self.path)
        if dead is None or not dead.is_dead():
            return False
        # Of several processes that find it dead, the one that creates this second lock replaces the first.
        right = self.path.with_name(f"{self.path.name}.takeover")
        former = _read(right)
        if former is not None and former.is_dead():
            right.unlink(missing_ok=True)
        if not _create(right, mine):
            return False
        try:
            there = _read(self.path)
            if there is None or there.token != dead.token:
                return False
            self.path.unlink(missing_ok=True)
            return _create(self.path, mine)
        finally:
            right.unlink(missing_ok=True)


def _read(path: Path) -> Holder | None:
    try:
        return Holder(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _create(path: Path, holder: Holder) -> bool:
    """Create a lock file unless there is one; it is never seen without its content."""
    content = json.dumps(asdict(holder))
    if is_remote(path):
        return _create_remotely(path, content) and _read(path) == holder
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{holder.token}")
    try:
        draft.write_text(content, encoding="utf-8")
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


def _create_remotely(path: Path, content: str) -> bool:
    remote = cast(Any, path)
    if path.exists():
        return False
    try:
        remote.fs.pipe_file(remote.path, content.encode(), mode="create")
    except FileExistsError:
        return False
    # A storage that knows no exclusive creation lets the last of several win: reading it again tells which.
    return True


def _started(pid: int) -> float | None:
    """When a process of this machine started; None where there is none."""
    # Not at the top: only a run that makes something needs it.
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.NoSuchProcess:
        return None


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _now() -> datetime:
    return datetime.now(UTC)
