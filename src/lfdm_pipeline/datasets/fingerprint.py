"""What every kept artifact should be made from, derived from the pipelines' graph and the parameters."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lfdm_pipeline.datasets.manifest import Expected, Manifest
from lfdm_pipeline.datasets.named_models import IMPORTS, STARTS, file_fingerprint
from lfdm_pipeline.datasets.values import flatten

PARAMETER = "params:"
NOT_SHAPING = (
    "training",
    "device",
    # How much passes through a network at once moves last bits, as another device does; whoever lowers it for want of
    # memory keeps what is made already.
    "extraction.batch_frames",
    "generation.batch_size",
    "evaluation.reconstruction.batch_size",
    "evaluation.probing.batch_size",
)
"""Parameters and groups of them that say how a stage runs, never what it makes."""


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
        """What the artifact in its own place was made from."""

    def shared_manifest(self) -> Manifest | None:
        """What the same artifact of the main experiment was made from, where that is another place."""


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
        files: parameters that name a file: what is in it shapes a result, too.
        command: the command to which `--pipelines` is added to mend an artifact.
        allow_stale: whether an artifact of another configuration is used as it is; what is made from it then says so.
    """

    steps: Iterable[Step]
    parameters: Mapping[str, Any]
    artifacts: Mapping[str, Artifact]
    sources: Mapping[str, Source] = field(default_factory=dict)
    models: Models | None = None
    files: Collection[str] = ()
    command: str = "kedro run"
    allow_stale: bool = False
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
        return self._expected(entry, {})

    def to_make(self, entry: str) -> Expected:
        """What the present run makes `entry` from, whatever made what is there."""
        return self._from(entry, self._running.get(entry) or self.maker(entry), {})

    def made_by(self, entry: str) -> str | None:
        """The pipeline that makes `entry` in the present run."""
        step = self._running.get(entry) or self.maker(entry)
        return step.pipeline if step else None

    def identity(self, entry: str, apart_from: Collection[str]) -> str:
        """Fingerprint of what the present run makes `entry` from, some of its inputs left out."""
        made = self.to_make(entry)
        inputs = {name: fingerprint for name, fingerprint in made.inputs.items() if name not in apart_from}
        return digest([entry, made.format_version, made.parameters, inputs])

    def found(self, entry: str) -> Manifest | None:
        """What `entry` was made from: that of the main experiment where only that is what is expected."""
        return self._found(entry, {})

    def is_current(self, entry: str) -> bool:
        """Whether an artifact on disk is what the present configuration would make."""
        found = self.found(entry)
        return found is not None and found.fingerprint == self.expected(entry).fingerprint

    def _expected(self, entry: str, known: dict[str, Expected]) -> Expected:
        if entry not in known:
            known[entry] = self._from(entry, self.maker(entry), known)
        return known[entry]

    def _from(self, entry: str, maker: Step | None, known: dict[str, Expected]) -> Expected:
        parameters: dict[str, Any] = {}
        inputs: dict[str, str] = {}
        self._collect(entry, maker, parameters, inputs, known)
        version = self.artifacts[entry].format_version
        fingerprint = digest([entry, version, parameters, inputs])
        return Expected(entry, fingerprint, version, parameters, inputs, upstream=self._upstream(inputs, known))

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

    def _found(self, entry: str, known: dict[str, Expected]) -> Manifest | None:
        artifact, fingerprint = self.artifacts[entry], self._expected(entry, known).fingerprint
        own = artifact.manifest()
        if own is None or own.fingerprint != fingerprint:
            shared = artifact.shared_manifest()
            if shared is not None and shared.fingerprint == fingerprint:
                return shared
        return own

    def _collect(
        self,
        entry: str,
        step: Step | None,
        parameters: dict[str, Any],
        inputs: dict[str, str],
        known: dict[str, Expected],
    ) -> None:
        for source in step.inputs if step else ():
            if source.startswith(PARAMETER):
                shaping = self._shaping(source.removeprefix(PARAMETER))
                inputs |= self._named_models(entry, shaping) | self._named_files(entry, shaping)
                parameters |= {name: value for name, value in shaping.items() if name not in STARTS | IMPORTS}
            elif source in self.artifacts:
                inputs[source] = self._input(source, known).fingerprint
            else:
                if source in self.sources:
                    inputs[source] = self._source_fingerprint(entry, source)
                self._collect(entry, self.maker(source), parameters, inputs, known)

    def maker(self, name: str) -> Step | None:
        """The node that made an entry, or would make it."""
        makers = [step for step in self.steps if name in step.outputs]
        if len(makers) > 1 and name in self.artifacts:
            manifest = self.artifacts[name].manifest() or self.artifacts[name].shared_manifest()
            made = [step for step in makers if manifest is not None and step.pipeline == manifest.made_by]
            makers = made + makers
        return next(iter(makers), None)

    def _shaping(self, name: str) -> dict[str, Any]:
        value: Any = self.parameters
        for part in name.split("."):
            value = value[part] if isinstance(value, Mapping) and part in value else None
        return {leaf: value for leaf, value in flatten(value, name).items() if shapes(leaf)}

    def _upstream(self, inputs: Iterable[str], known: dict[str, Expected]) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        for name in inputs:
            if name in self.artifacts:
                made = self._input(name, known)
                parameters |= {**made.upstream, **made.parameters}
        return parameters

    def _input(self, name: str, known: dict[str, Expected]) -> Expected:
        found = self._found(name, known) if self.allow_stale else None
        return found or self._expected(name, known)

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

    def _named_files(self, entry: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        paths = {name: parameters[name] for name in parameters.keys() & set(self.files) if parameters[name] is not None}
        return {name: file_fingerprint(path) or self._own_word(entry, name) for name, path in paths.items()}

    def _source_fingerprint(self, entry: str, source: str) -> str:
        return self.sources[source].source_fingerprint() or self._own_word(entry, source)

    def _own_word(self, entry: str, source: str) -> str:
        # A stage that runs on a machine without the source takes the artifact's own word for it.
        artifact = self.artifacts[entry]
        manifest = artifact.manifest() or artifact.shared_manifest()
        return manifest.inputs.get(source, "absent") if manifest else "absent"


def shapes(name: str) -> bool:
    """Whether a parameter shapes results."""
    return not any(name == group or name.startswith(f"{group}.") for group in NOT_SHAPING)


def digest(value: Any) -> str:
    """Sixteen hexadecimal digits that stand for a JSON-able value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
