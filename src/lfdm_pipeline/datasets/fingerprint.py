"""What every kept artifact should be made from, derived from the pipelines' graph and the parameters."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lfdm_pipeline.datasets.manifest import Expected, Manifest
from lfdm_pipeline.datasets.named_models import IMPORTS, STARTS
from lfdm_pipeline.datasets.values import flatten

PARAMETER = "params:"
NOT_SHAPING = frozenset({"training", "device"})
"""Top-level parameters that say how a stage runs, never what it makes."""


@dataclass(frozen=True)
class Step:
    """A node, as far as lineage goes."""

    pipeline: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Artifact(Protocol):
    """A kept entry of the catalog."""

    format_version: int

    def manifest(self) -> Manifest | None:
        """What the artifact on disk was made from."""


class Source(Protocol):
    """An entry whose content comes from outside."""

    def source_fingerprint(self) -> str | None:
        """Digest of the content, or None where it is not on this machine."""


class Models(Protocol):
    """Models that parameters name."""

    def fingerprint(self, name: str, entry: str) -> str | None:
        """What stands for the content of the model called `name`, or None where it is not on this machine."""


@dataclass(frozen=True)
class Lineage:
    """The graph of all pipelines over the artifacts of a catalog.

    Where several pipelines can make an entry, the one that made what is there counts, without it the first.

    Args:
        steps: nodes of all pipelines.
        parameters: plain validated values, nested.
        artifacts: kept entries.
        sources: entries from outside.
        models: models that parameters name.
        command: the command to which `--pipelines` is added to mend an artifact.
    """

    steps: Iterable[Step]
    parameters: Mapping[str, Any]
    artifacts: Mapping[str, Artifact]
    sources: Mapping[str, Source] = field(default_factory=dict)
    models: Models | None = None
    command: str = "kedro run"
    _running: dict[str, Step] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(self.steps))

    def start(self, steps: Iterable[Step]) -> None:
        """Take note of the nodes that the present run has."""
        self._running.clear()
        self._running.update({name: step for step in steps for name in step.outputs})

    def expected(self, entry: str) -> Expected:
        """What `entry` would be made from now, by the pipeline that made what is there.

        Evaluated when asked, since a source may be made or changed by the run itself. Entries that are only
        held in memory are seen through: what shaped them counts as shaping `entry`.
        """
        return self._expected(entry, self._maker(entry))

    def to_make(self, entry: str) -> Expected:
        """What the present run makes `entry` from, whatever made what is there."""
        return self._expected(entry, self._running.get(entry) or self._maker(entry))

    def made_by(self, entry: str) -> str | None:
        """The pipeline that makes `entry` in the present run."""
        step = self._running.get(entry) or self._maker(entry)
        return step.pipeline if step else None

    def _expected(self, entry: str, maker: Step | None) -> Expected:
        parameters: dict[str, Any] = {}
        inputs: dict[str, str] = {}
        self._collect(entry, maker, parameters, inputs)
        version = self.artifacts[entry].format_version
        fingerprint = digest([entry, version, parameters, inputs])
        return Expected(entry, fingerprint, version, parameters, inputs)

    def parts(self, entry: str, group: str) -> dict[str, str]:
        """Fingerprints of the parts of `entry`, as the present run makes it: one an item of a group of parameters."""
        expected = self.to_make(entry)
        own = {name: value for name, value in expected.parameters.items() if name.startswith(f"{group}.")}
        shared = {name: value for name, value in expected.parameters.items() if name not in own}
        items = sorted({name.removeprefix(f"{group}.").split(".")[0] for name in own})
        made_from = {"entry": entry, "version": expected.format_version, "inputs": expected.inputs, **shared}
        return {
            item: digest(made_from | {name: own[name] for name in own if name.startswith(f"{group}.{item}.")})
            for item in items
        }

    def is_current(self, entry: str) -> bool:
        """Whether the artifact on disk is what the present configuration would make."""
        manifest = self.artifacts[entry].manifest()
        return manifest is not None and manifest.fingerprint == self.expected(entry).fingerprint

    def differences(self, entry: str) -> Iterator[str]:
        """Why the artifact on disk is not what the present configuration would make, in words."""
        manifest, expected = self.artifacts[entry].manifest(), self.expected(entry)
        if manifest is None:
            return
        yield from manifest.differences(expected)
        for name in sorted({*manifest.inputs, *expected.inputs}):
            recorded = manifest.inputs.get(name)
            if recorded != expected.inputs.get(name):
                causes = "; ".join(self._causes(name, recorded))
                yield f"it was made from another {name}" + (f" ({causes})" if causes else "")

    def mend(self, entry: str) -> str:
        """The command that makes `entry` and everything it lacks, and nothing again that is current."""
        stale = self._stale(entry) | {entry}
        makers = [step for step in self.steps if any(self._maker(name) is step for name in stale & set(step.outputs))]
        pipelines = dict.fromkeys(step.pipeline for step in makers)
        if not pipelines:
            return self.command
        others = [step for step in self.steps if step.pipeline in pipelines and step not in makers]
        spare = any(self.is_current(name) for step in others for name in step.outputs if name in self.artifacts)
        return f"{self.command} --pipelines {','.join(pipelines)}" + (" --only-missing-outputs" if spare else "")

    def _collect(self, entry: str, step: Step | None, parameters: dict[str, Any], inputs: dict[str, str]) -> None:
        for source in step.inputs if step else ():
            if source.startswith(PARAMETER):
                shaping = self._shaping(source.removeprefix(PARAMETER))
                inputs |= self._named_models(entry, shaping)
                parameters |= {name: value for name, value in shaping.items() if name not in STARTS | IMPORTS}
            elif source in self.artifacts:
                inputs[source] = self.expected(source).fingerprint
            else:
                if source in self.sources:
                    inputs[source] = self._source_fingerprint(entry, source)
                self._collect(entry, self._maker(source), parameters, inputs)

    def _maker(self, name: str) -> Step | None:
        makers = [step for step in self.steps if name in step.outputs]
        manifest = self.artifacts[name].manifest() if len(makers) > 1 and name in self.artifacts else None
        made = [step for step in makers if manifest is not None and step.pipeline == manifest.made_by]
        return next(iter(made + makers), None)

    def _shaping(self, name: str) -> dict[str, Any]:
        if name.split(".")[0] in NOT_SHAPING:
            return {}
        value: Any = self.parameters
        for part in name.split("."):
            value = value[part] if isinstance(value, Mapping) and part in value else None
        return flatten(value, name)

    def _named_models(self, entry: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        made: dict[str, str] = {}
        for name, kind in (STARTS | IMPORTS).items():
            value = parameters.get(name)
            # No start is a start of its own kind; a file is named by the command that imports it and by no other.
            if value is None and name not in IMPORTS.keys() & parameters.keys():
                continue
            present = self.models.fingerprint(value, kind) if self.models and value is not None else None
            made[name] = present or self._own_word(entry, name)
        return made

    def _source_fingerprint(self, entry: str, source: str) -> str:
        return self.sources[source].source_fingerprint() or self._own_word(entry, source)

    def _own_word(self, entry: str, source: str) -> str:
        # A stage that runs on a machine without the source takes the artifact's own word for it.
        manifest = self.artifacts[entry].manifest()
        return manifest.inputs.get(source, "absent") if manifest else "absent"

    def _causes(self, name: str, recorded: str | None) -> Iterator[str]:
        artifact = self.artifacts.get(name)
        manifest = artifact.manifest() if artifact else None
        # Where the input was made again since, what it was made from then is no longer known.
        if manifest and manifest.fingerprint == recorded:
            yield from self.differences(name)

    def _stale(self, entry: str) -> set[str]:
        stale: set[str] = set()
        for name in self.expected(entry).inputs:
            if name in self.artifacts:
                stale |= self._stale(name) | (set() if self.is_current(name) else {name})
        return stale


def digest(value: Any) -> str:
    """Sixteen hexadecimal digits that stand for a JSON-able value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
