"""Why an artifact is out of date, and what mends it."""

from collections.abc import Iterator

from lfdm_pipeline.datasets.fingerprint import Lineage
from lfdm_pipeline.datasets.manifest import Manifest, changes


def differences(lineage: Lineage, entry: str) -> Iterator[str]:
    """Why the artifact on disk is not what the present configuration would make, in words."""
    manifest, expected = lineage.found(entry), lineage.expected(entry)
    if manifest is None:
        return
    yield from manifest.differences(expected)
    for name in sorted({*manifest.inputs, *expected.inputs}):
        recorded = manifest.inputs.get(name)
        if recorded != expected.inputs.get(name):
            causes = "; ".join(_causes(lineage, name, manifest))
            yield f"it was made from another {name}" + (f" ({causes})" if causes else "")


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


def _causes(lineage: Lineage, name: str, manifest: Manifest) -> Iterator[str]:
    if name not in lineage.artifacts:
        return
    found, expected = lineage.found(name), lineage.expected(name)
    if found and found.fingerprint == manifest.inputs.get(name):
        yield from differences(lineage, name)
        return
    # The input was made again since: what shaped it then is known from what was made of it.
    now = {**expected.upstream, **expected.parameters}
    known = now.keys() & manifest.upstream.keys()
    yield from changes(*({each: values[each] for each in known} for values in (manifest.upstream, now)))


def _stale(lineage: Lineage, entry: str) -> set[str]:
    stale: set[str] = set()
    for name in lineage.expected(entry).inputs:
        if name in lineage.artifacts:
            stale |= _stale(lineage, name) | (set() if lineage.is_current(name) else {name})
    return stale
