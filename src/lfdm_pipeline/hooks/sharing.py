"""Whether each training of a run can be shared by its processes: known before the first of them takes days."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from lfdm_pipeline.hooks.parameters import option_classes
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.training.environment import launched
from lfdm_pipeline.training.options import TrainingOptions


def check_sharing(nodes: Iterable[Node], parameters: Mapping[str, Any]) -> None:
    """Check that the batches of all trainings among the nodes can be divided among the processes.

    Args:
        nodes: that are to run.
        parameters: checked and nested.

    Raises:
        InputError: one of them cannot.
    """
    place = launched()
    processes = place.size if place else parameters.get("training", {}).get("num_processes", 1)
    for name, annotation in declared_parameters({"": Pipeline(list(nodes))}).items():
        for options in option_classes(annotation):
            values = reduce(lambda level, key: level[key], name.split("."), parameters)
            if issubclass(options, TrainingOptions) and values is not None:
                options.model_validate(values).part_size(processes, name)
