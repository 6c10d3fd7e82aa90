import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from kedro.logging import RichHandler
from rich.console import Console

from lfdm_pipeline.hooks.log_lines import keep_lines_whole

PATH = "/corpora" + "/a folder with a long name" * 8


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    handlers = list(logging.root.handlers)
    yield logging.root
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)


def log_to(root: logging.Logger, terminal: bool) -> io.StringIO:
    out = io.StringIO()
    root.handlers[:] = [RichHandler(console=Console(file=out, force_terminal=terminal, width=80))]
    keep_lines_whole()
    logging.getLogger("lfdm_pipeline.somewhere").warning("clips: %s [1]", PATH)
    return out


def test_a_path_stays_whole_where_the_output_goes_to_a_file(root: logging.Logger, capsys: Any) -> None:
    rich = log_to(root, terminal=False)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(f"WARNING  clips: {PATH} [1]")
    assert not rich.getvalue()


def test_a_terminal_keeps_its_colours(root: logging.Logger, capsys: Any) -> None:
    assert "WARNING" in log_to(root, terminal=True).getvalue()
    assert not capsys.readouterr().out
