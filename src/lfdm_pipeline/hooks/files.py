"""Whether the files that a run is told to use are there: known before the first stage takes days."""

from collections.abc import Mapping, Sequence
from typing import Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from lfdm_pipeline.datasets.values import flatten
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.parameters import path_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.models.vgg import cached_weights
from lfdm_pipeline.objectives.lfae import LFAEObjectiveOptions
from lfdm_pipeline.storage import to_path

_OBJECTIVE = "lfae.objective"


def check_files(nodes: Sequence[Node], parameters: Mapping[str, Any]) -> None:
    """Check that every file which a parameter of the nodes names is there, and VGG-19's weights where they are used.

    Args:
        nodes: that are to run.
        parameters: checked and nested.

    Raises:
        InputError: one is not.
    """
    given = flatten(parameters, "")
    for name in path_parameters(declared_parameters({"": Pipeline(nodes)})):
        path = given.get(name)
        if path is not None and not to_path(path).exists():
            raise InputError(f"{name}: there is no file {to_path(path).absolute()}")
    if any(f"params:{_OBJECTIVE}" in node.inputs for node in nodes):
        _check_vgg19(LFAEObjectiveOptions.model_validate(parameters["lfae"]["objective"]))


def _check_vgg19(objective: LFAEObjectiveOptions) -> None:
    if objective.perceptual == "vgg19" and objective.vgg19_weights is None:
        cached_weights()
