"""The pipelines by name."""

from importlib import import_module
from pkgutil import iter_modules

from kedro.pipeline import Pipeline, pipeline

from lfdm_pipeline import pipelines

ON_REQUEST = frozenset({"decoder_finetuning", "reference_export", "reference_import"})
"""Pipelines that replace what another one makes, or that few need; run only by name."""


def register_pipelines() -> dict[str, Pipeline]:
    """Every package under `pipelines/`, and `__default__`: all but those on request."""
    registered: dict[str, Pipeline] = {
        module.name: import_module(f"{pipelines.__name__}.{module.name}.pipeline").create_pipeline()
        for module in iter_modules(pipelines.__path__)
    }
    default = [found for name, found in registered.items() if name not in ON_REQUEST]
    return {**registered, "__default__": sum(default, start=pipeline([]))}
