"""From finished variants to their comparison."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.experiments.definition import Experiment
from lfdm_pipeline.experiments.reaching import steps_to_reach
from lfdm_pipeline.experiments.side_by_side import Generated, side_by_side
from lfdm_pipeline.experiments.variants import Variant
from lfdm_pipeline.showcase.comparisons import Column, ComparedRun, Comparison, matching
from lfdm_pipeline.showcase.exhibits import NO_RECORDING
from lfdm_pipeline.showcase.report_tables import Score
from lfdm_pipeline.showcase.scatter import draw_scatter

HOLD = 6  # frames for which a video rests at its end


@dataclass(frozen=True)
class Finished:
    """A variant that has run.

    Attributes:
        variant: What it was.
        command: What runs it alone.
        scores: What it scored, under flat names.
        mlflow_run_id: The run that made the scores.
        comparisons: Folder of the corpus' comparisons.
        load: Loads an entry of its catalog.
    """

    variant: Variant
    command: str
    scores: dict[str, Score]
    mlflow_run_id: str | None
    comparisons: Path
    load: Callable[[str], Any]


def compare(name: str, corpus: str, command: str, definition: Experiment, finished: Sequence[Finished]) -> Comparison:
    """Compare variants; where the experiment asks for a video or a chart, write it beside."""
    reach = definition.reach
    return Comparison(
        name=name,
        title=definition.title,
        question=definition.question,
        corpus=corpus,
        command=command,
        columns=definition.columns,
        runs=tuple(
            ComparedRun(
                label=each.variant.label,
                scores=each.scores,
                command=each.command,
                mlflow_run_id=each.mlflow_run_id,
            )
            for each in finished
        ),
        paper=definition.paper,
        reached=steps_to_reach(reach, [(each.variant, each.scores) for each in finished]) if reach else None,
        video=_write_video(name, definition, finished),
        chart=_draw_chart(name, definition, finished),
    )


def _write_video(name: str, definition: Experiment, finished: Sequence[Finished]) -> str | None:
    if definition.video is None:
        return None
    load = finished[0].load
    generated = {
        each.variant.label: Generated(each.load("generated_clips"), each.load("generated_table")) for each in finished
    }
    frames = side_by_side(definition.video, generated, load("clips"), load("clip_table"), HOLD)
    path = finished[0].comparisons / f"{name}.mp4"
    fps = load("params:showcase").fps
    write_video(path, frames, fps, metadata={"comment": f"{NO_RECORDING}, beside real ones"})
    return path.name


def _draw_chart(name: str, definition: Experiment, finished: Sequence[Finished]) -> str | None:
    if definition.chart is None:
        return None
    columns = {column.title: column for column in definition.columns}
    axes = columns[definition.chart.x], columns[definition.chart.y]
    points = {}
    for each in finished:
        x, y = (each.scores.get(matching(each.scores, column.score) or "") for column in axes)
        if isinstance(x, float) and isinstance(y, float):
            points[each.variant.label] = x, y
    path = finished[0].comparisons / f"{name}.png"
    draw_scatter(path, points, (_axis(axes[0]), _axis(axes[1])))
    return path.name


def _axis(column: Column) -> str:
    return column.title if column.better == "neither" else f"{column.title} ({column.better} is better)"
