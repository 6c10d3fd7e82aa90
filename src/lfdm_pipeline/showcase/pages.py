"""HTML pages that need nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from lfdm_pipeline import atomic
from lfdm_pipeline.showcase import report_tables as tables
from lfdm_pipeline.showcase.comparisons import Comparison, KeptComparisons, table_columns, table_rows, words_about
from lfdm_pipeline.showcase.exhibits import Exhibit


def page_environment() -> Environment:
    """Templates of the pages, with what they call."""
    environment = Environment(
        loader=PackageLoader("lfdm_pipeline.showcase"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = tables.figure
    environment.globals |= {"rows_of": table_rows, "columns_of": table_columns, "words_of": words_about}
    return environment


def render_comparisons(corpus: str, comparisons: KeptComparisons, folder: Path) -> str:
    """Return the page of a corpus' experiments, their videos and charts from `folder` inside."""
    template = page_environment().get_template("comparisons.html")
    exhibits = exhibits_of(comparisons.finished, folder)
    return template.render(corpus=corpus, comparisons=comparisons, exhibits=exhibits)


def exhibits_of(comparisons: Sequence[Comparison], folder: Path) -> Mapping[str, Exhibit]:
    """The video or chart of those experiments that have one, in `folder`, by the experiment."""
    videos = {each.name: Exhibit(_side_by_side(each), "", folder / each.video) for each in comparisons if each.video}
    charts = {each.name: Exhibit("Quality and cost", "", folder / each.chart) for each in comparisons if each.chart}
    return charts | videos


def _side_by_side(comparison: Comparison) -> str:
    return " beside ".join(run.label for run in comparison.runs)


def write_comparisons_page(corpus: str, comparisons: KeptComparisons, folder: Path) -> Path:
    """Write the page of a corpus' experiments as `index.html` beside them."""
    path = folder / "index.html"
    atomic.write_text(path, render_comparisons(corpus, comparisons, folder))
    return path
