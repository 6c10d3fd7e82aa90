"""Errors that are the user's to mend, shown as one line."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from lfdm_pipeline.errors import InputError

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]


def report_input_errors() -> None:
    """Let an uncaught InputError end the program with one line; other errors keep their traceback.

    To be called after logging is configured, since Kedro's handler then installs a hook of its own.
    """
    if not isinstance(sys.excepthook, _Report):
        sys.excepthook = _Report(sys.excepthook)


@dataclass(frozen=True)
class _Report:
    otherwise: Hook

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        mendable = input_error(error)
        if mendable is None:
            self.otherwise(kind, error, trace)
        else:
            sys.stderr.write(f"Error: {mendable}\n")


def input_error(error: BaseException | None) -> InputError | None:
    """The InputError that `error` is or was raised from."""
    while error is not None and not isinstance(error, InputError):
        error = error.__cause__
    return error
