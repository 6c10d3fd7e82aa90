"""Several training processes started from inside a node: they train, this one listens and waits."""

import os
import pickle
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.batches import Division
from lfdm_pipeline.training.environment import Place
from lfdm_pipeline.training.messages import Failed, Finished, Interrupted, Logged, Message, Previewed
from lfdm_pipeline.training.signals import stop_request
from lfdm_pipeline.training.task import Job

GRACE = 3.0  # seconds in which the others may tell what they died of
POLL = 0.1


def run_in_processes(job: Job, log: RunLog) -> None:
    """Carry out a job in `num_processes` processes, which leave its last state in its workspace.

    Raises:
        InputError: a process failed or died; the others are ended.
        Stopped: SIGTERM or SIGINT asked to; what was done is saved.
    """
    count = job.execution.num_processes
    Division(job.task, 0, count)  # What cannot be divided is refused before anything starts.
    port = _free_port()
    with TemporaryDirectory(prefix="lfdm-training-") as folder:
        path = Path(folder) / "job.pickle"
        path.write_bytes(pickle.dumps(job))
        children = [_Child(path, Place(rank, count, rank, "127.0.0.1", port)) for rank in range(count)]
        try:
            _supervise(children, job, log)
        finally:
            for child in children:
                child.end()


def _supervise(children: Sequence["_Child"], job: Job, log: RunLog) -> None:
    inbox: queue.SimpleQueue[tuple[int, Message]] = queue.SimpleQueue()
    for child in children:
        threading.Thread(target=child.listen, args=(inbox,), daemon=True).start()
    ends: dict[int, Message] = {}
    forwarded, deadline = False, float("inf")
    with stop_request() as stop:
        while len(ends) < len(children) and time.monotonic() < deadline:
            if stop.number is not None and not forwarded:
                forwarded = True
                for child in children:
                    child.ask_to_stop()
            try:
                rank, message = inbox.get(timeout=POLL)
            except queue.Empty:
                continue
            if isinstance(message, Logged):
                log(message.values, message.step)
            elif isinstance(message, Previewed):
                log.preview(message.name, message.preview, message.step)
            else:
                ends[rank] = message
                if isinstance(message, Failed):
                    deadline = min(deadline, time.monotonic() + GRACE)
        failures = {rank: end for rank, end in ends.items() if isinstance(end, Failed)}
        if failures:
            raise InputError(_account(job, failures))


def _account(job: Job, failures: dict[int, Failed]) -> str:
    # Whoever loses a partner fails as well: first who died, then who knows why, then who merely broke off.
    rank, failure = min(failures.items(), key=lambda item: item[1].order)
    if failure.trace:
        sys.stderr.write(failure.trace)
    if failure.for_user:
        return failure.reason
    return (
        f"{job.task.name}: training process {rank} of {job.execution.num_processes} {failure.reason}, and the others "
        "were ended; the last checkpoint is intact: run the same command again to go on from it"
    )


class _Child:
    """One training process and the pipe that it reports through."""

    def __init__(self, job: Path, place: Place) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        environment = {
            "OMP_NUM_THREADS": str(max(1, cores // place.size)),
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            **place.variables(),
        }
        self.rank = place.rank
        # In a session of its own: an interrupt is the parent's to handle. Its standard input ends with the parent.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lfdm_pipeline.training.worker", str(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )

    def listen(self, inbox: "queue.SimpleQueue[tuple[int, Message]]") -> None:
        """Pass on what the process says, last of all how it ended."""
        assert self.process.stdout is not None
        end: Message | None = None
        while not isinstance(end, Failed | Finished | Interrupted):
            try:
                end = pickle.load(self.process.stdout)
            except (EOFError, OSError, pickle.UnpicklingError):
                end = Failed(_exit_of(self.process.wait()), order=0)
            inbox.put((self.rank, end))

    def ask_to_stop(self) -> None:
        """Ask the process to finish its step, to save and to end."""
        assert self.process.stdin is not None
        # One that died is not there to hear it.
        with suppress(BrokenPipeError):
            os.write(self.process.stdin.fileno(), b"\n")

    def end(self) -> None:
        """End the process, if it still runs."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream is not None
            stream.close()


def _exit_of(code: int) -> str:
    return f"was killed (signal {-code})" if code < 0 else f"died (exit status {code})"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
