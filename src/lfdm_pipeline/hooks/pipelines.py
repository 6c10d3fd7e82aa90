"""What the registered pipelines say: which parameters nodes take, and what is made from what."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_type_hints

from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from lfdm_pipeline.datasets.fingerprint import PARAMETER, Step

DEFAULT = "__default__"


def declared_parameters(pipelines: Mapping[str, Pipeline]) -> dict[str, Any]:
    """Annotation of each parameter that a node takes, by dotted name; `Any` where it has none."""
    declared: dict[str, Any] = {}
    for node in _nodes(pipelines):
        hints = get_type_hints(node.func, include_extras=True)
        for name, argument in _arguments(node):
            if name.startswith(PARAMETER):
                key = name.removeprefix(PARAMETER)
                if declared.get(key, Any) is Any:
                    declared[key] = hints.get(argument, Any)
    return declared


def steps(pipelines: Mapping[str, Pipeline], nodes: Iterable[Node] | None = None) -> Iterator[Step]:
    """The nodes given, or all in the order they would run, those of the default pipeline first."""
    names = {node.name: name for name, pipeline in pipelines.items() if name != DEFAULT for node in pipeline.nodes}
    for node in _nodes(pipelines) if nodes is None else nodes:
        yield Step(names.get(node.name, DEFAULT), tuple(node.inputs), tuple(node.outputs))


def _nodes(pipelines: Mapping[str, Pipeline]) -> Iterable[Node]:
    ordered = sorted(pipelines, key=lambda name: name != DEFAULT)
    return {node.name: node for name in ordered for node in pipelines[name].nodes}.values()


def _arguments(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node._inputs, dict):
        for argument, name in node._inputs.items():
            yield name, argument
    else:
        yield from zip(node.inputs, inspect.signature(node.func).parameters, strict=False)
