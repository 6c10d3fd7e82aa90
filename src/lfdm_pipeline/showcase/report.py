"""The report: one HTML page that needs nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from markupsafe import Markup

from lfdm_pipeline.showcase import report_tables as tables
from lfdm_pipeline.showcase.comparisons import KeptComparisons
from lfdm_pipeline.showcase.curves import curve_charts
from lfdm_pipeline.showcase.domain_tables import DOMAIN_COLUMNS, domain_tables
from lfdm_pipeline.showcase.exhibits import Exhibit, said_once
from lfdm_pipeline.showcase.pages import page_environment
from lfdm_pipeline.showcase.targets import Target, judge


@dataclass(frozen=True)
class ReportContent:
    """Everything the report shows; what is empty is not spoken of."""

    corpus: str
    experiment: str
    scores: tables.Scores
    held_out: str = ""
    """What holds of the test clips that the scores come from, in a sentence."""
    run: Mapping[str, str] = field(default_factory=dict)
    """Facts such as date, device, versions and the MLflow run id, in the order to show them."""
    targets: Sequence[Target] = ()
    exhibits: Sequence[Exhibit] = ()
    """Videos and pictures, the most telling first."""
    histories: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """One table a training: column `step` and one column a curve."""
    confusions: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    """One table a set of clips: counts, rows true labels, columns labels seen by the probe."""
    domains: pd.DataFrame | None = None
    """Scores of several decoders on several domains: columns `domain`, `decoder` and one a score."""
    decoders: Mapping[str, str] = field(default_factory=dict)
    """What each decoder is, in words."""
    ingestion: Mapping[str, Any] = field(default_factory=dict)
    """The ingestion report as plain values."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    comparisons: KeptComparisons = field(default_factory=KeptComparisons)
    """Named experiments that were run on this corpus."""
    comparison_exhibits: Mapping[str, Exhibit] = field(default_factory=dict)
    """Their videos and charts, by experiment, where they have one."""
    commands: Sequence[str] = ()
    """What to type to get the same again."""


def render_report(content: ReportContent) -> str:
    """Return the report as HTML, all videos and pictures inside.

    Raises:
        InputError: A video or picture is missing.
    """
    template = page_environment().get_template("report.html")
    return template.render(
        content=content,
        exhibits=list(said_once(content.exhibits)),
        judged=judge(content.targets, content.scores),
        groups=tables.score_groups(content.scores),
        reconstruction=tables.reconstruction_matrix(content.scores),
        reconstruction_columns=tables.reconstruction_columns(content.scores).values(),
        domains={} if content.domains is None else domain_tables(content.domains),
        domain_columns=DOMAIN_COLUMNS.values(),
        charts={stage: drawn for stage, history in content.histories.items() if (drawn := _charts(history))},
        confusions={
            title: (list(counts.columns), tables.confusion_rows(counts))
            for title, counts in content.confusions.items()
            if len(counts) > 1 and counts.to_numpy().any()
        },
        corpus=tables.corpus_counts(
            content.ingestion.get("clips_by_label", {}), content.ingestion.get("subjects_by_split", {})
        ),
        parameters={name: list(tables.flat_parameters(value)) for name, value in content.parameters.items()},
    )


def _charts(history: pd.DataFrame) -> dict[str, Markup]:
    return {name: Markup(svg) for name, svg in curve_charts(history).items()}
