"""What clips must have for a run to end well: asked as soon as they are known, not after days of training."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pandas as pd

from lfdm_pipeline.clips.table import select_labelled
from lfdm_pipeline.generation.requests import select_test

LEARNING_LABELS = frozenset({"train_dm", "train_probe"})
"""Nodes that learn from labelled training clips."""

ClipCheck = Callable[[pd.DataFrame], object]


def clip_checks(nodes: Collection[str], parameters: Mapping[str, Any]) -> list[ClipCheck]:
    """Return what to call with the clip table: each raises an InputError where it lacks what a node needs.

    Args:
        nodes: Names of those that are to run.
        parameters: Checked and nested.
    """
    checks: list[ClipCheck] = []
    if "list_requests" in nodes and parameters.get("generation", {}).get("image") is None:
        checks.append(select_test)
    if LEARNING_LABELS.intersection(nodes):
        checks.append(select_labelled)
    return checks
