"""The runs of an experiment."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from lfdm_pipeline.experiments.definition import Experiment, Settings
from lfdm_pipeline.experiments.writing import written


@dataclass(frozen=True)
class Variant:
    """One run.

    Attributes:
        name: The value of `experiment=`, which gives it artifacts of its own.
        labels: Its alternative on each axis.
        settings: Its parameters by dotted name.
    """

    name: str
    labels: tuple[str, ...]
    settings: Settings

    @property
    def label(self) -> str:
        """The variant in words."""
        return ", ".join(self.labels)

    @property
    def parameters(self) -> dict[str, Any]:
        """Nested runtime parameters of `kedro run`."""
        nested: dict[str, Any] = {"experiment": self.name}
        for name, value in self.settings.items():
            *groups, leaf = name.split(".")
            level = nested
            for group in groups:
                level = level.setdefault(group, {})
            level[leaf] = value
        return nested

    def command(self, env: str | None, pipelines: Sequence[str]) -> str:
        """What a person types for this run alone."""
        where = ["--env", env] if env else []
        names = ["--pipelines", ",".join(pipelines), "--only-missing-outputs"]
        given = written({"experiment": self.name, **self.settings})
        return shlex.join(["kedro", "run", *where, *names, "--params", given])


def variants(name: str, experiment: Experiment) -> list[Variant]:
    """All combinations of an experiment's axes, the last axis changing fastest."""
    found = []
    for alternatives in product(*(axis.items() for axis in experiment.axes)):
        labels = tuple(label for label, _ in alternatives)
        settings = {**(experiment.shortened or {}), **experiment.settings}
        for _, changed in alternatives:
            settings |= changed
        found.append(Variant("-".join([name, *map(_slug, labels)]), labels, settings))
    return found


def _slug(label: str) -> str:
    return re.sub(r"[^a-z0-9.+]+", "_", label.lower()).strip("_")
