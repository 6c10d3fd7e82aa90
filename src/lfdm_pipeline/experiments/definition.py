"""What a named experiment is."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, TypeAdapter, ValidationError, model_validator

from lfdm_pipeline.errors import InputError, what_there_is
from lfdm_pipeline.options import Options
from lfdm_pipeline.showcase.comparisons import Column, Paper

Settings = dict[str, Any]
"""Parameters by dotted name."""

EVERYTHING = ("ingestion", "lfae_training", "latent_extraction", "dm_training", "generation", "evaluation")


class Reach(Options):
    """The steps that each training needs for the score that all of them reach."""

    score: str
    """Flat name of the score."""
    axis: int = Field(ge=1)
    """Which axis, counted from 1, holds the numbers of steps, in rising order."""
    better: Literal["lower", "higher"] = "higher"
    """Which way is better."""


class Video(Options):
    """The variants' clips as one video."""

    layout: Literal["labels_by_subjects", "models"]
    """A block a variant with a column a label and a row a subject (`mug_ddim`), or a column a variant, a real
    clip first, and a row a condition (`sota`)."""
    labels: int = Field(4, ge=1)
    """Labels shown."""
    subjects: int = Field(4, ge=1)
    """Subjects shown."""
    others: dict[str, str] = Field(default_factory=dict)
    """Clips of other models: a folder of MP4 files named as ours are, by the model's name; shown where it is there."""


class Chart(Options):
    """The variants as points of a chart, each axis one of the experiment's columns."""

    x: str
    """Title of the column along the x axis, such as what it costs; logarithmic."""
    y: str
    """Title of the column along the y axis, such as the quality."""


class Experiment(Options):
    """Variants that differ in a few parameters, and which of their scores are compared."""

    title: str
    """What is compared."""
    question: str
    """What it is to answer, in a sentence."""
    pipelines: tuple[str, ...] = EVERYTHING
    """Pipelines of each variant; what is already there and up to date is not made again."""
    settings: Settings = Field(default_factory=dict)
    """Parameters of all variants, by dotted name."""
    shortened: Settings | None = None
    """Those by which a corpus leaves something out, so that the command takes minutes."""
    axes: tuple[dict[str, Settings], ...] = Field(min_length=1)
    """Named alternatives, each with the parameters that make it; several axes are all combined."""
    entries: tuple[str, ...] = ("scores",)
    """Catalog entries that hold the scores."""
    columns: tuple[Column, ...]
    """Scores shown."""
    paper: Paper | None = None
    """What the paper reports."""
    reach: Reach | None = None
    """For variants that differ in steps."""
    video: Video | None = None
    """For variants whose clips are to be seen beside each other."""
    chart: Chart | None = None
    """For variants that trade one score for another."""

    @model_validator(mode="after")
    def _chart_shows_columns(self) -> Self:
        titles = [column.title for column in self.columns]
        for title in (self.chart.x, self.chart.y) if self.chart else ():
            if title not in titles:
                raise ValueError(f"chart: no column is titled {title!r}; there are {', '.join(titles)}")
        return self

    def given(self, settings: Settings) -> Self:
        """The same experiment with other parameters for all of its variants.

        Raises:
            InputError: One of them is what the variants differ in.
        """
        varied = {name for axis in self.axes for changed in axis.values() for name in changed} | {"experiment"}
        clash = sorted(varied & settings.keys())
        if clash:
            raise InputError(f"parameter {clash[0]} is what the variants of this experiment differ in: leave it out")
        return self.model_copy(update={"settings": {**self.settings, **settings}})


def read_experiments(configured: Mapping[str, Any]) -> dict[str, Experiment]:
    """Validate the experiments of a configuration.

    Raises:
        InputError: names what is wrong and where.
    """
    try:
        return TypeAdapter(dict[str, Experiment]).validate_python(configured)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"])
        raise InputError(f"experiments.yml, {where}: {problem['msg']}") from error


def find_experiment(experiments: Mapping[str, Experiment], name: str) -> Experiment:
    """The experiment of that name.

    Raises:
        InputError: There is none.
    """
    if name not in experiments:
        raise InputError(f"experiment {name} is unknown; {what_there_is(name, experiments)}")
    return experiments[name]
