"""SIGTERM and SIGINT as a request to stop at the next good moment."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
_NOTE = b"\nstopping: this step is finished and saved first; once more stops at once\n"


class Stopped(SystemExit):
    """The user, or the machine's owner, asked to stop, and what was done is saved.

    The process ends without a traceback, with the exit status that shells give to the signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)


class StopRequest:
    """Which signal asked to stop, if one did."""

    number: int | None = None


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Within, the first SIGTERM or SIGINT is noted, and a second one ends the process at once.

    Python lets only the main thread handle signals: in another one nothing changes.

    Raises:
        Stopped: at the end, if a signal was noted too late for anybody within to heed it.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, frame: FrameType | None) -> None:
        request.number = number
        # The system's own handling ends a process even while it waits for a kernel or for another process.
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        os.write(2, _NOTE)

    before = {each: signal.signal(each, note) for each in SIGNALS}
    try:
        yield request
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if request.number is not None:
        raise Stopped(request.number)
