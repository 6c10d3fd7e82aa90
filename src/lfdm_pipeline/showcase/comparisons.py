"""Runs compared with each other and with the paper: what is shown of them."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from pydantic import ValidationError

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options
from lfdm_pipeline.showcase.report_tables import Score, spread, words_of
from lfdm_pipeline.showcase.score_catalogue import Better

_LOG = logging.getLogger(__name__)

Figure = float | int | str


class Column(Options):
    """One score of the compared runs."""

    title: str
    """What stands above it."""
    score: str
    """Flat name of the score; `*` stands for any part, such as the sampler's."""
    better: Better = "neither"
    """Which way is better."""


class Paper(Options):
    """What the paper reports of the same comparison."""

    source: str
    """Where it stands."""
    figures: dict[str, dict[str, Figure]]
    """Figures by what they are, then by variant."""
    comparable: str
    """A plain word on what is comparable and what is not."""


class ComparedRun(Options):
    """One variant and what it scored."""

    label: str
    """The variant in words."""
    scores: dict[str, Figure]
    """Its scores under flat names."""
    command: str
    """What runs it alone."""
    mlflow_run_id: str | None = None
    """The run that made the scores."""


class Reached(Options):
    """Steps that each of several trainings needed for the same score."""

    title: str
    """Which score, and which value."""
    steps: dict[str, str]
    """In words, by training."""


class Comparison(Options):
    """A named experiment, finished."""

    name: str
    title: str
    question: str
    corpus: str
    command: str
    columns: tuple[Column, ...]
    runs: tuple[ComparedRun, ...]
    paper: Paper | None = None
    reached: Reached | None = None
    video: str | None = None
    """File name of the video beside the comparison."""
    chart: str | None = None
    """File name of the chart beside the comparison."""

    def write(self, folder: Path) -> None:
        """Keep it as `<name>.json`."""
        atomic.write_text(folder / f"{self.name}.json", self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` kept.

        Raises:
            InputError: The file is damaged or of another version, or the video or chart beside it is missing.
        """
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            read = cls.model_validate_json(text)
        except ValidationError as error:
            raise InputError(f"{path.name} is damaged or of another version: {_remedy(text, path)}") from error
        for name in (read.video, read.chart):
            if name and not (path.parent / name).is_file():
                raise InputError(f"{name} is missing: {_remedy(text, path)}")
        return read


@dataclass(frozen=True)
class KeptComparisons:
    """The experiments of a corpus that were run.

    Attributes:
        finished: Those that can be shown, by name.
        left_out: Why others cannot, and what makes them anew.
    """

    finished: list[Comparison] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ComparedCell:
    """A score and, in figures, how sure it is."""

    value: Score | None
    spread: str = ""

    @property
    def wordy(self) -> bool:
        """Whether it is words to read rather than a figure to compare."""
        return isinstance(self.value, str) and len(self.value) > 24


def read_comparisons(folder: Path) -> KeptComparisons:
    """Read all experiments of a corpus; one that cannot be read any more is left out, and the log says so."""
    kept = KeptComparisons()
    for path in sorted(folder.glob("*.json")):
        try:
            kept.finished.append(Comparison.read(path))
        except InputError as error:
            _LOG.warning("%s: the comparison is left out: %s", path, error)
            kept.left_out.append(f"{path.stem} is left out: {error}")
    return kept


def _remedy(text: str, path: Path) -> str:
    """What makes a comparison anew, by the command that it names wherever that can still be read."""
    try:
        command = json.loads(text)["command"]
    except (ValueError, KeyError, TypeError):
        command = f"kedro experiment {path.stem}"
    return f"`{command}` makes it anew; or remove {path.name}"


def table_columns(comparison: Comparison) -> list[tuple[str, Better]]:
    """Titles of the columns after the variant's own, ours first, then the paper's."""
    ours = [(column.title, column.better) for column in comparison.columns]
    return [*ours, *((f"paper: {title}", "neither") for title in _paper_figures(comparison))]


def table_rows(comparison: Comparison) -> dict[str, list[ComparedCell]]:
    """Cells of each variant, in the order of `table_columns`."""
    return {
        run.label: [
            *(_cell(run.scores, column.score) for column in comparison.columns),
            *(ComparedCell(figures.get(run.label)) for figures in _paper_figures(comparison).values()),
        ]
        for run in comparison.runs
    }


def words_about(comparison: Comparison) -> list[str]:
    """How the scores shown were measured and what to beware of, each said once."""
    words: dict[str, list[str]] = {}
    for run in comparison.runs:
        for column in comparison.columns:
            name = matching(run.scores, column.score)
            base = (name or column.score).removesuffix("_mean")
            for word in words_of(base, run.scores):
                words.setdefault(f"{column.title}: {word}", []).append(run.label)
    everywhere = len(comparison.runs)
    return [word if len(labels) == everywhere else f"{word} ({', '.join(labels)})" for word, labels in words.items()]


def matching(scores: Mapping[str, Score], pattern: str) -> str | None:
    """The first score whose flat name fits a pattern."""
    return next((name for name in scores if fnmatchcase(name, pattern)), None)


def _cell(scores: Mapping[str, Score], pattern: str) -> ComparedCell:
    name = matching(scores, pattern)
    if name is None:
        return ComparedCell(None)
    return ComparedCell(scores[name], spread(name.removesuffix("_mean"), scores))


def _paper_figures(comparison: Comparison) -> Mapping[str, Mapping[str, Figure]]:
    return comparison.paper.figures if comparison.paper else {}
