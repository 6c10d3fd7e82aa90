"""Why an artifact is out of date, and what mends it."""

from collections.abc import Iterator

from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import Manifest, changes


def differences(lineage: Lineage, entry: str) -> Iterator[str]:
    """Why the artifact on disk is not what the present configuration would make, in words: each cause once."""
    first_struck: dict[str, str] = {}
    for cause, struck in _causes(lineage, entry, set()):
        first_struck.setdefault(cause, struck)
    for cause, struck in first_struck.items():
        yield cause if struck == entry else f"{cause} (through {struck})"


def mend(lineage: Lineage, entry: str) -> str:
    """The command that makes `entry` and everything it lacks, and nothing again that is current."""
    stale = _stale(lineage, entry) | {entry}
    makers = [step for step in lineage.steps if any(lineage.maker(name) is step for name in stale & set(step.outputs))]
    pipelines = dict.fromkeys(step.pipeline for step in makers)
    if not pipelines:
        return lineage.command
    others = [step for step in lineage.steps if step.pipeline in pipelines and step not in makers]
    spare = any(lineage.is_current(name) for step in others for name in step.outputs if name in lineage.artifacts)
    return f"{lineage.command} --pipelines {','.join(pipelines)}" + (" --only-missing-outputs" if spare else "")


def _causes(lineage: Lineage, entry: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """What is other than `entry` was made from, each with the artifact that it shapes directly."""
    manifest, expected = lineage.found(entry), lineage.expected(entry)
    if manifest is None or entry in seen:
        return
    seen.add(entry)
    for change in manifest.differences(expected):
        yield change, entry
    for name in sorted({*manifest.inputs, *expected.inputs}):
        if manifest.inputs.get(name) != expected.inputs.get(name):
            yield from _causes_of_input(lineage, name, manifest, seen)


def _causes_of_input(lineage: Lineage, name: str, made: Manifest, seen: set[str]) -> Iterator[tuple[str, str]]:
    found = lineage.found(name) if name in lineage.artifacts else None
    if found and found.fingerprint == made.inputs.get(name):
        yield from _causes(lineage, name, seen)
    elif since := _changed_since(lineage, name, made):
        for change in since:
            yield change, name
    else:
        yield f"it was made from another {name}", made.entry


def _changed_since(lineage: Lineage, name: str, made: Manifest) -> list[str]:
    """What shapes an input otherwise than when `made` was made of it; the input itself is gone or was made again."""
    if name not in lineage.artifacts:
        return []
    expected = lineage.expected(name)
    now = {**expected.upstream, **expected.parameters}
    known = now.keys() & made.upstream.keys()
    return list(changes(*({each: values[each] for each in known} for values in (made.upstream, now))))


def _stale(lineage: Lineage, entry: str) -> set[str]:
    stale: set[str] = set()
    for name in lineage.expected(entry).inputs:
        if name in lineage.artifacts:
            stale |= _stale(lineage, name) | (set() if lineage.is_current(name) else {name})
    return stale
