"""docs/results.md: figures and stills of what was run, written by command."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from lfdm_pipeline import atomic
from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.experiments.markdown import comparison_markdown, markdown_table
from lfdm_pipeline.showcase.comparisons import Comparison
from lfdm_pipeline.showcase.report_tables import (
    Scores,
    figure,
    reconstruction_columns,
    reconstruction_matrix,
    score_groups,
)
from lfdm_pipeline.showcase.targets import Target, judge

STILL_WIDTH = 1200
STILL_AT = 0.6  # of a clip: where most movements are at their farthest


@dataclass(frozen=True)
class Results:
    """What there is to tell.

    Attributes:
        corpus: The corpus.
        command: What writes the page.
        scores: Of the main run.
        targets: What it was asked to reach.
        showcase: Folder of its videos and pictures.
        comparisons: Experiments that were run.
        comparisons_folder: Where their videos are.
    """

    corpus: str
    command: str
    scores: Scores
    targets: Sequence[Target]
    showcase: Path
    comparisons: Sequence[Comparison]
    comparisons_folder: Path


def write_results(results: Results, docs: Path) -> Path:
    """Write `results.md` and its stills, `images/results/*.jpg`, into a folder; return the page."""
    pictures = docs / "images" / "results"
    parts = [
        f"# Results: {results.corpus}",
        f"Written by `{results.command}` from what lies under `data/`; nothing here was typed in.",
        "## Asked for and reached",
        _targets(results),
        "## Scores",
        *_scores(results.scores),
        "## Videos",
        *(_still(video, pictures) for video in sorted(results.showcase.glob("*.mp4"))),
        *(_picture(picture, pictures) for picture in sorted((results.showcase / "frames").glob("*.png"))[:1]),
    ]
    for comparison in results.comparisons:
        parts.append(comparison_markdown(comparison))
        if comparison.video:
            parts.append(_still(results.comparisons_folder / comparison.video, pictures))
    path = docs / "results.md"
    atomic.write_text(path, "\n\n".join(parts) + "\n")
    return path


def _targets(results: Results) -> str:
    judged = judge(results.targets, results.scores)
    rows = [[each.target.title, figure(each.value), each.bounds, "yes" if each.met else "no"] for each in judged]
    return markdown_table(["target", "reached", "asked for", "met"], rows)


def _scores(scores: Scores) -> list[str]:
    columns = reconstruction_columns(scores)
    head = ["", *(title for title, _ in columns.values())]
    matrix = [[row, *map(figure, values)] for row, values in reconstruction_matrix(scores).items()]
    parts = [markdown_table(head, matrix)] if columns else []
    for group in score_groups(scores):
        rows = [
            [f"`{row.name}`", f"{figure(row.value)} {row.meaning.unit}".strip() + f" {row.spread}".rstrip()]
            for row in group.rows
        ]
        words = [f"- `{row.name}`: {word}" for row in group.rows for word in row.words]
        parts += [f"### {group.group.title}", group.group.explanation, markdown_table(["score", "value"], rows)]
        parts += ["\n".join(words)] if words else []
    return parts


def _still(video: Path, pictures: Path) -> str:
    frames = decode_video(video).frames
    return _kept(
        Image.fromarray(frames[int(STILL_AT * (len(frames) - 1))]), video.stem, pictures, f"{video.name}, a still"
    )


def _picture(picture: Path, pictures: Path) -> str:
    with Image.open(picture) as image:
        return _kept(image.convert("RGB"), f"frames_{picture.stem}", pictures, f"how “{picture.stem}” is made")


def _kept(image: Image.Image, name: str, pictures: Path, caption: str) -> str:
    image.thumbnail((STILL_WIDTH, 10 * STILL_WIDTH), Image.Resampling.LANCZOS)
    path = pictures / f"{name}.jpg"
    with atomic.replacing(path) as temporary:
        image.save(temporary, quality=88)
    return f"![{caption}](images/results/{path.name})\n\n*{caption}*"
