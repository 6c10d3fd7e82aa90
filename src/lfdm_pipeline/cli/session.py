"""Kedro sessions of the project in the current directory."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project


@contextmanager
def session(env: str | None, parameters: Mapping[str, Any] | None = None) -> Iterator[KedroSession]:
    """A session with these runtime parameters, closed afterwards."""
    project = Path.cwd()
    bootstrap_project(project)
    with KedroSession.create(project, env=env, runtime_params=dict(parameters or {})) as opened:
        assert isinstance(opened, KedroSession)
        yield opened
