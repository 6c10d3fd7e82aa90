"""Calls in processes of their own, which may crash or hang without harm."""

import gc
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from lfdm_pipeline.allocator import keep_freed_memory

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True)
class Done(Generic[R]):
    """A call that returned."""

    value: R


@dataclass(frozen=True)
class Failed:
    """A call that raised, crashed or took too long."""

    reason: str


def call_in_workers(
    function: Callable[[A], R], arguments: Sequence[A], *, workers: int, timeout: float | None = None
) -> Generator[tuple[A, Done[R] | Failed], None, None]:
    """Call a function of one argument in `workers` child processes; yields outcomes as they come.

    Closing it ends the processes.

    Args:
        function: Importable by name, as its arguments and results must be picklable.
        arguments: One a call.
        workers: Number of child processes.
        timeout: Seconds after which a call is ended and counted as failed.
    """
    if not arguments:
        return
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    pool = [_Worker() for _ in range(min(workers, len(arguments)))]
    for worker in pool:
        idle.put(worker)

    def call(argument: A) -> tuple[A, Done[R] | Failed]:
        worker = idle.get()
        try:
            return argument, worker.call(function, argument, timeout)
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(len(pool))
    try:
        for finished in as_completed([threads.submit(call, argument) for argument in arguments]):
            yield finished.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        for worker in pool:
            worker.close()


def available_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Worker:
    """A child process, started when first needed and again after it died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: Callable[[A], R], argument: A, timeout: float | None) -> Done[R] | Failed:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        expired = threading.Event()
        timer = threading.Timer(timeout, _expire, (process, expired)) if timeout else None
        if timer:
            timer.start()
        try:
            pickle.dump((function, argument), process.stdin)
            process.stdin.flush()
            outcome: Done[R] | Failed = pickle.load(process.stdout)
            if expired.is_set():
                # It answered while it was being ended: the answer is good, the process is gone.
                self.close()
            return outcome
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            if expired.is_set():
                return Failed(f"took longer than {timeout:g} s and was ended")
            return Failed(f"its process died ({_exit_of(process)})")
        finally:
            if timer:
                timer.cancel()

    def close(self) -> None:
        if self._process is not None:
            _end(self._process)
            self._process = None


def _start() -> subprocess.Popen[bytes]:
    # Not multiprocessing: its spawn imports the parent's main module again, which takes seconds, and its fork
    # copies locks that other threads hold.
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "OMP_NUM_THREADS": "1",
    }
    command = [sys.executable, "-c", f"from {__name__} import _serve; _serve()"]
    # In a session of its own: an interrupt is the parent's to handle, and ends the children through it.
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
    )


def _expire(process: subprocess.Popen[bytes], expired: threading.Event) -> None:
    expired.set()
    process.kill()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                # What was written last never reached the process.
                continue


def _exit_of(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _serve() -> None:
    """Answer calls until the parent is gone."""
    threading.Thread(target=_follow_parent, args=(os.getppid(),), daemon=True).start()
    keep_freed_memory()
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not get between the answers.
    os.dup2(2, 1)
    while True:
        try:
            function, argument = pickle.load(calls)
        except EOFError:
            return
        pickle.dump(_outcome(function, argument), answers)
        answers.flush()
        # Containers of PyAV and their streams hold each other, and much memory. What is still alive is not looked at
        # again, so that this takes little time.
        gc.collect()
        gc.freeze()


def _follow_parent(parent: int) -> None:
    """End this process, also one that hangs, when its parent was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _outcome(function: Callable[[Any], Any], argument: Any) -> Done[Any] | Failed:
    from lfdm_pipeline.errors import InputError

    try:
        return Done(function(argument))
    except InputError as error:
        return Failed(str(error))
    except Exception as error:
        return Failed(f"{type(error).__name__}: {error}")
