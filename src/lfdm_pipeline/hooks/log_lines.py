"""Log lines that stay whole where no terminal shows them."""

import logging
import sys

from kedro.logging import RichHandler


def keep_lines_whole() -> None:
    """Write plain log lines to what is no terminal: rich breaks them after 80 columns there, and with them paths.

    To be called after logging is configured.
    """
    for handler in list(logging.root.handlers):
        if isinstance(handler, RichHandler) and not handler.console.is_terminal:
            logging.root.removeHandler(handler)
            logging.root.addHandler(_lines())


def _lines() -> logging.Handler:
    handler = _Lines()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-8s %(message)s", "%Y-%m-%d %H:%M:%S"))
    return handler


class _Lines(logging.Handler):
    """Writes to what is standard output at the time, as rich does."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stdout.write(f"{self.format(record)}\n")
            sys.stdout.flush()
        except Exception:
            self.handleError(record)
