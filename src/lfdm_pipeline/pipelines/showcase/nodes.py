"""Videos, pictures and the report: presentation only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import pandas as pd
import torch
from pydantic import Field

from lfdm_pipeline import __version__, atomic
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options
from lfdm_pipeline.showcase.exhibits import Exhibit
from lfdm_pipeline.showcase.panels import MovedClip
from lfdm_pipeline.showcase.pictures import Picture, to_frames
from lfdm_pipeline.showcase.targets import Target
from lfdm_pipeline.workspace import Workspace


class ShowcaseOptions(Options):
    """What is shown."""

    subject: str | None = None
    """The unseen subject whose clips are laid out; null takes the first."""
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
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: ShowcaseOptions,
    workspace: Workspace,
) -> Path:
    """All labels for one unseen subject as a grid (MP4, GIF), and what the model does to each frame as pictures."""
    from lfdm_pipeline.clips.video_writing import write_video
    from lfdm_pipeline.showcase.gif import write_gif
    from lfdm_pipeline.showcase.grid import CaptionedClip, clip_grid
    from lfdm_pipeline.showcase.panels import flow_panels

    folder = workspace.claim()
    rows = _of_subject(generated_table, options.subject)
    names, labels = rows["name"].tolist(), rows["label"].tolist()
    captioned = [CaptionedClip(label, generated_clips[name]) for name, label in zip(names, labels, strict=True)]
    grid = clip_grid(generated_clips.reference(names[0]), captioned, hold=options.hold)
    write_video(folder / "all_labels.mp4", grid, options.fps, metadata={"comment": "generated video, not a recording"})
    write_gif(folder / "all_labels.gif", grid, options.fps, options.gif_width)
    for name, label in zip(names, labels, strict=True):
        panels = flow_panels(_moved(lfae, generated_clips, name), options.columns)
        _write_picture(folder / "frames" / f"{label}.png", panels)
    return folder


def write_report(
    scores: Mapping[str, float | int | str],
    lfae_history: pd.DataFrame,
    dm_history: pd.DataFrame,
    probe_history: pd.DataFrame,
    confusion: pd.DataFrame,
    real_confusion: pd.DataFrame,
    ingestion_report: Mapping[str, Any],
    showcase: Path,
    options: ReportOptions,
    parameters: Mapping[str, Any],
    run_facts: Mapping[str, str],
) -> str:
    """One HTML page with everything a run made, that needs no server."""
    from lfdm_pipeline.showcase.report import ReportContent, render_report

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
            run=facts,
            targets=options.targets,
            exhibits=_exhibits(showcase),
            histories={
                "Latent flow auto-encoder": lfae_history,
                "Diffusion model": dm_history,
                "Probe": probe_history,
            },
            confusions={"Generated clips": confusion, "Real clips": real_confusion},
            ingestion=ingestion_report,
            parameters=parameters,
            commands=(run_facts["command"],),
        )
    )


def _of_subject(generated_table: pd.DataFrame, subject: str | None) -> pd.DataFrame:
    subjects = sorted(generated_table["subject"].unique())
    if subject is not None and subject not in subjects:
        raise InputError(f"showcase.subject: no clip of '{subject}' was generated; there are {', '.join(subjects)}")
    rows = generated_table[generated_table["subject"] == (subject or subjects[0])]
    return rows.drop_duplicates("label").sort_values("label")


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


def _exhibits(showcase: Path) -> list[Exhibit]:
    grid = Exhibit(
        "Every label for one unseen subject",
        "One picture and a label in, a clip out. The person was never seen in training.",
        showcase / "all_labels.mp4",
    )
    panels = [
        Exhibit(
            f"How “{path.stem}” is made",
            "Each column is a frame: the backward flow moves the reference, the occlusion map says what to keep of it, "
            "the decoder repaints the rest.",
            path,
        )
        for path in sorted((showcase / "frames").glob("*.png"))
    ]
    return [grid, *panels]


def _write_picture(path: Path, picture: Picture) -> None:
    with atomic.replacing(path) as temporary:
        cv2.imwrite(str(temporary), picture[..., ::-1])
