"""SIGTERM, by which machines are taken back, ends a run as an interrupt would."""

import signal
import threading
from types import FrameType
from typing import Any

from kedro.framework.hooks import hook_impl


class TerminationHooks:
    """Lets SIGTERM unwind the program, so that files are tidied up and the MLflow run is marked.

    A training notes it first and goes on to the end of its step (`training.signals`).
    """

    def __init__(self) -> None:
        self._before: Any = None

    @hook_impl
    def before_pipeline_run(self) -> None:
        """Take the signal over, where Python allows it."""
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGTERM, _exit)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Give the signal back."""
        self._give_back()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Give the signal back."""
        self._give_back()

    def _give_back(self) -> None:
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)
            self._before = None


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
