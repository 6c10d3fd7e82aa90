"""Errors that are the user's to mend, shown as one line."""

import errno
import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from lfdm_pipeline.errors import InputError

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]

REFUSALS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT}
"""Errors of a file system that no change to the program would mend."""
OBJECT_STORES = ("azure.", "botocore.", "gcsfs.", "google.api_core.", "google.auth.", "google.cloud.")
"""Libraries by which object stores are reached; their errors are those of the store or of the way there."""


def report_input_errors() -> None:
    """Let an uncaught error that is the user's to mend end the program with one line; others keep their traceback.

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
    """The InputError that `error` is or was raised from, or one for a storage that refused."""
    while error is not None:
        if mendable := error if isinstance(error, InputError) else _refusal(error):
            return mendable
        error = error.__cause__
    return None


def _refusal(error: BaseException) -> InputError | None:
    if isinstance(error, OSError) and error.errno in REFUSALS and error.filename is not None:
        return InputError(
            f"cannot read or write {error.filename}: {error.strerror}; mend that there, or have everything in another "
            "folder by --params data=…"
        )
    if type(error).__module__.startswith(OBJECT_STORES):
        return InputError(
            f"the object store that data=… names cannot be used: {error}; give address and credentials in the "
            "environment (docs/scale.md), or have everything in a folder by --params data=…"
        )
    return None
