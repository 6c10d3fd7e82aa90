"""Whether the files that a run is told to use are there: known before the first stage takes days."""

from collections.abc import Iterable, Mapping
from typing import Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.parameters import path_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.storage import to_path


def check_files(nodes: Iterable[Node], parameters: Mapping[str, Any]) -> None:
    """Check that every file which a parameter of the nodes names is there.

    Args:
        nodes: that are to run.
        parameters: checked and nested.

    Raises:
        InputError: one is not.
    """
    given = flatten(parameters, "")
    for name in path_parameters(declared_parameters({"": Pipeline(list(nodes))})):
        path = given.get(name)
        if path is not None and not to_path(path).exists():
            raise InputError(f"{name}: there is no file {to_path(path).absolute()}")
