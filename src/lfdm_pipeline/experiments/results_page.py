"""docs/results.md: figures and stills of what was run, written by command."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.experiments.markdown import comparison_markdown, markdown_table
from lfdm_pipeline.experiments.score_markdown import domain_parts, score_parts, unmeasured
from lfdm_pipeline.experiments.stills import Stills
from lfdm_pipeline.showcase.comparisons import Comparison
from lfdm_pipeline.showcase.exhibits import Exhibit, said_once
from lfdm_pipeline.showcase.report_tables import Scores, figure
from lfdm_pipeline.showcase.targets import Target, judge

BEGIN, END = "<!-- kedro results: begin -->", "<!-- kedro results: end -->"
READING = (
    "↓ lower is better, ↑ higher, ≈ 1 is best. After a score: ± its standard deviation over groups, in brackets its "
    "confidence interval. How each was measured stands below its table."
)
BOUNDS = (
    "Each figure is of one run with one seed, in the sizes of this configuration, on the device named beside its time. "
    "Other sizes, seeds and devices were not measured. Nor were:"
)


@dataclass(frozen=True)
class RunResults:
    """What one run left.

    Attributes:
        corpus: Its corpus.
        command: What repeats it.
        scores: Its scores.
        held_out: What holds of the test clips that they come from, in a sentence.
        targets: What it was asked to reach.
        exhibits: Its videos and pictures.
        domains: Scores of decoders by domain, where it took a model to a new one.
    """

    corpus: str
    command: str
    scores: Scores
    held_out: str
    targets: Sequence[Target]
    exhibits: Sequence[Exhibit]
    domains: pd.DataFrame | None = None


@dataclass(frozen=True)
class Results:
    """What there is to tell.

    Attributes:
        command: What writes the page.
        runs: The corpus' main run, then those that took its model to a new domain.
        comparisons: Experiments that were run.
        exhibits: Their videos and charts, by experiment.
        not_run: Commands of what was not.
    """

    command: str
    runs: Sequence[RunResults]
    comparisons: Sequence[Comparison]
    exhibits: Mapping[str, Exhibit]
    not_run: Sequence[str]


def write_results(results: Results, docs: Path) -> Path:
    """Write `results.md` and its stills, `images/results/<corpus>/*.jpg`, into a folder; return the page.

    Of a page that is there only what stands between the marks is replaced, so that notes may be written beside.

    Raises:
        InputError: The page that is there has no such marks.
    """
    path, first = docs / "results.md", results.runs[0]
    text = path.read_text(encoding="utf-8") if path.exists() else f"# Results: {first.corpus}\n\n{BEGIN}\n{END}\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(f"{path} has no lines {BEGIN} and {END} to write between: add them, or move the file away")
    body = "\n\n".join(_parts(results, docs))
    atomic.write_text(path, f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")
    return path


def _parts(results: Results, docs: Path) -> Iterator[str]:
    yield f"What stands here was written by `{results.command}` from what the runs left under `data/`. {READING}"
    for number, run in enumerate(results.runs):
        if number:
            yield f"## A new domain: {run.corpus}"
        yield from _run_parts(run, docs, "###" if number else "##")
        if number == 0 and results.comparisons:
            yield "## Experiments"
            yield from _comparison_parts(results, docs)
    yield "## Not measured"
    yield f"{BOUNDS}\n\n" + "\n".join(f"- {each}" for each in _unmeasured(results))


def _run_parts(run: RunResults, docs: Path, level: str) -> Iterator[str]:
    yield f"`{run.command}`"
    if run.targets:
        rows = [
            [each.target.title, figure(each.value), each.bounds, "yes" if each.met else "**no**"]
            for each in judge(run.targets, run.scores)
        ]
        yield f"{level} Asked for and reached"
        yield markdown_table(["", "reached", "asked for", "met"], rows)
    if run.exhibits:
        stills = Stills(docs, f"images/results/{run.corpus}")
        yield f"{level} What it makes"
        yield from map(stills.shown, said_once(run.exhibits))
    yield f"{level} Scores"
    if run.held_out:
        yield run.held_out
    if run.domains is not None:
        yield from domain_parts(run.domains)
    yield from score_parts(run.scores)


def _comparison_parts(results: Results, docs: Path) -> Iterator[str]:
    stills = Stills(docs, f"images/results/{results.runs[0].corpus}")
    for comparison in results.comparisons:
        yield comparison_markdown(comparison)
        if exhibit := results.exhibits.get(comparison.name):
            yield stills.shown(exhibit)


def _unmeasured(results: Results) -> Iterator[str]:
    for number, run in enumerate(results.runs):
        where = f", {run.corpus}" if number else ""
        yield from (f"`{name}`{where}: {why}" for name, why in unmeasured(run.scores).items())
    yield from (f"`{command}`: was not run" for command in results.not_run)
