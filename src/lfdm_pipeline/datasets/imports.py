"""Classes named in the catalog, imported when they are needed and not before."""

from importlib import import_module
from typing import Any


def import_object(path: str) -> Any:
    """The object at an import path such as `lfdm_pipeline.models.lfae.LFAE`."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
