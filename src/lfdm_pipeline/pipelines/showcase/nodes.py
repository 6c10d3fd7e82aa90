"""Videos, pictures and the report: presentation only."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from pydantic import Field

from lfdm_pipeline import __version__
from lfdm_pipeline.clips.file_stems import file_stems
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.held_out import about_subject, about_tests
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options
from lfdm_pipeline.showcase.exhibits import NO_RECORDING, Exhibit, read_exhibits, write_exhibits
from lfdm_pipeline.showcase.panels import MovedClip
from lfdm_pipeline.showcase.pictures import Clip, to_frames
from lfdm_pipeline.showcase.targets import Target
from lfdm_pipeline.workspace import Workspace


class LabelGrid(Options):
    """A video of all labels for one subject: `mug`, `mhad1`, `mhad2` and `natops` of the paper's supplement."""

    name: str = "all_labels"
    """File stem of the video."""
    subject: str | None = None
    """The test subject; null takes the first that no grid before shows, and where none is left there is no video."""
    without: tuple[str, ...] = ()
    """Labels left out, such as one that the reference frame makes impossible."""


class ShowcaseOptions(Options):
    """What is shown."""

    grids: tuple[LabelGrid, ...] = (LabelGrid(),)
    """Videos of all labels for one subject; of the first there is a GIF too, and pictures of every stage."""
    fps: float = Field(default=10.0, gt=0)
    """Frames a second of the videos."""
    hold: int = Field(default=6, ge=0)
    """Frames for which a grid rests at its end."""
    columns: int = Field(default=6, ge=2)
    """Frames of a clip that a picture shows."""
    gif_width: int = Field(default=640, ge=64)
    """Width of the GIF in pixels."""


class ReportOptions(Options):
    """What the report holds the scores against."""

    targets: tuple[Target, ...] = ()
    """Bounds on scores."""


def make_showcase(
    lfae: LFAE,
    clip_table: pd.DataFrame,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: ShowcaseOptions,
    workspace: Workspace,
) -> Path:
    """Grids of labels (MP4, the first as GIF too), and what the model does to each frame as pictures (Figure A1)."""
    from lfdm_pipeline.clips.picture_writing import write_picture
    from lfdm_pipeline.clips.video_writing import write_video
    from lfdm_pipeline.showcase.gif import write_gif
    from lfdm_pipeline.showcase.panels import flow_panels, largest_motion

    subjects = sorted(generated_table["subject"].unique())
    shown = [
        (grid, subject, _chosen(generated_table, grid, subject))
        for grid, subject in grids_shown(options.grids, subjects)
    ]
    folder = workspace.claim()
    grids: list[Exhibit] = []
    panels: list[Exhibit] = []
    for grid, subject, rows in shown:
        frames, path = _label_grid(generated_clips, rows, options.hold), folder / f"{grid.name}.mp4"
        write_video(path, frames, options.fps, metadata={"comment": NO_RECORDING})
        if not grids:
            write_gif(path.with_suffix(".gif"), frames, options.fps, options.gif_width, comment=NO_RECORDING)
            clips = zip(rows["label"], rows["name"], strict=True)
            moved = {label: _moved(lfae, generated_clips, name) for label, name in clips}
            motion, stems = {label: largest_motion(clip) for label, clip in moved.items()}, file_stems(moved)
            for label in sorted(moved, key=lambda each: -motion[each]):
                panels.append(_panels_exhibit(label, folder / "frames" / f"{stems[label]}.png"))
                picture = flow_panels(moved[label], max(motion.values()), options.columns)
                write_picture(panels[-1].path, picture, comment=NO_RECORDING)
        grids.append(_grid_exhibit(subject, len(rows), about_subject(clip_table, subject), path))
    write_exhibits(folder, [*grids, *panels])
    return folder


def write_report(
    scores: Mapping[str, float | int | str],
    lfae_history: pd.DataFrame,
    dm_history: pd.DataFrame,
    probe_history: pd.DataFrame,
    confusion: pd.DataFrame,
    real_confusion: pd.DataFrame,
    clip_table: pd.DataFrame,
    ingestion_report: Mapping[str, Any],
    showcase: Path,
    comparisons: Path,
    options: ReportOptions,
    parameters: Mapping[str, Any],
    run_facts: Mapping[str, str],
) -> str:
    """One HTML page with everything a run made, that needs no server."""
    from lfdm_pipeline.showcase.comparisons import read_comparisons
    from lfdm_pipeline.showcase.pages import exhibits_of
    from lfdm_pipeline.showcase.report import ReportContent, render_report

    compared = read_comparisons(comparisons)
    facts = {
        "MLflow run": run_facts.get("mlflow_run_id", "none"),
        "Version": __version__,
        "PyTorch": torch.__version__,
    }
    return render_report(
        ReportContent(
            corpus=run_facts["corpus"],
            experiment=run_facts["experiment"],
            scores=scores,
            held_out=about_tests(clip_table),
            run=facts,
            targets=options.targets,
            exhibits=read_exhibits(showcase),
            histories={
                "Latent flow auto-encoder": lfae_history,
                "Diffusion model": dm_history,
                "Probe": probe_history,
            },
            confusions={"Generated clips": confusion, "Real clips": real_confusion},
            ingestion=ingestion_report,
            parameters=parameters,
            comparisons=compared,
            comparison_exhibits=exhibits_of(compared.finished, comparisons),
            commands=(run_facts["command"],),
        )
    )


def grids_shown(grids: Sequence[LabelGrid], subjects: Sequence[str]) -> list[tuple[LabelGrid, str]]:
    """Each grid with its subject.

    Raises:
        InputError: A subject that is named has no generated clip.
    """
    for grid in grids:
        if grid.subject is not None and grid.subject not in subjects:
            raise InputError(
                f"showcase.grids, {grid.name}: no clip of '{grid.subject}' was generated; there are "
                f"{', '.join(subjects)}"
            )
    named = {grid.subject for grid in grids}
    unnamed = iter([subject for subject in subjects if subject not in named])
    shown = [(grid, grid.subject or next(unnamed, None)) for grid in grids]
    return [(grid, subject) for grid, subject in shown if subject is not None]


def _chosen(generated_table: pd.DataFrame, grid: LabelGrid, subject: str) -> pd.DataFrame:
    rows = generated_table[generated_table["subject"] == subject].drop_duplicates("label").sort_values("label")
    unknown = sorted(set(grid.without) - set(rows["label"]))
    if unknown:
        raise InputError(
            f"showcase.grids, {grid.name}: no clip has the label '{unknown[0]}' that is left out; there are "
            f"{', '.join(rows['label'])}"
        )
    return rows[~rows["label"].isin(grid.without)]


def _label_grid(clips: GeneratedStore, rows: pd.DataFrame, hold: int) -> Clip:
    from lfdm_pipeline.showcase.grid import CaptionedClip, clip_grid

    shown = zip(rows["label"], rows["name"], strict=True)
    captioned = [CaptionedClip(label, clips[name]) for label, name in shown]
    return clip_grid(clips.reference(rows["name"].iloc[0]), captioned, hold=hold)


@torch.inference_mode()
def _moved(lfae: LFAE, clips: GeneratedStore, name: str) -> MovedClip:
    reference = clips.reference(name)
    displacement, occlusion = clips.flows.read(name)
    flow = torch.from_numpy(displacement).permute(0, 2, 3, 1) + identity_grid(*displacement.shape[2:])
    source = image_tensor(reference)[None]
    decoded = lfae.cpu().decode_clip(source, flow[None], torch.from_numpy(occlusion)[None])
    return MovedClip(
        reference, to_frames(decoded.deformed[0]), displacement, occlusion, to_frames(decoded.prediction[0])
    )


def _grid_exhibit(subject: str, labels: int, about: str, path: Path) -> Exhibit:
    words = f"A picture and a label in, a clip out. {about}".strip()
    return Exhibit(f"One picture of {subject}, {labels} label{'' if labels == 1 else 's'}", words, path)


def _panels_exhibit(label: str, path: Path) -> Exhibit:
    return Exhibit(
        f"How “{label}” is made",
        "Each column is a frame: the backward flow moves the reference, the occlusion map says what to keep of it, "
        "the decoder repaints the rest. The colours of the flow have one scale for all labels.",
        path,
    )
