"""What finetuning changed, as videos, pictures and a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from pydantic import Field

from lfdm_pipeline import __version__
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.held_out import about_tests
from lfdm_pipeline.clips.store import ClipStore, Frames
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.clips.tensors import frames_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.decoders import DecodedAgain
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.options import Options
from lfdm_pipeline.pipelines.showcase.nodes import ReportOptions
from lfdm_pipeline.showcase.exhibits import NO_RECORDING, Exhibit, read_exhibits, write_exhibits
from lfdm_pipeline.showcase.picture_table import Columns, Row, picture_table
from lfdm_pipeline.showcase.pictures import Clip, to_frames
from lfdm_pipeline.training.finetuning import FinetuningMethods
from lfdm_pipeline.workspace import Workspace

ORIGINAL = "original"


class NewDomainShowcaseOptions(Options):
    """What is shown of a new domain."""

    labels: tuple[str, ...] | None = None
    """Labels side by side; null takes the first four."""
    subjects: tuple[str, ...] | None = None
    """Test subjects, one a row; null takes the first four."""
    reconstructions: int = Field(default=3, ge=1)
    """Test clips of each domain that are reconstructed by every decoder."""
    fps: float = Field(default=10.0, gt=0)
    """Frames a second of the video."""
    hold: int = Field(default=6, ge=0)
    """Frames for which the video rests at its end."""
    gif_width: int = Field(default=960, ge=64)
    """Width of the GIF in pixels."""


def make_new_domain_showcase(
    pretrained_lfae: DomainLFAE,
    finetuned_lfaes: Mapping[str, DomainLFAE],
    lfae: DomainLFAE,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    old_clip_tables: Mapping[str, pd.DataFrame],
    old_clips: Mapping[str, ClipStore],
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    run_facts: Mapping[str, str],
    options: NewDomainShowcaseOptions,
    workspace: Workspace,
) -> Path:
    """Generated clips of test subjects before and after, and reconstructions of every domain by every decoder."""
    from lfdm_pipeline.clips.picture_writing import write_picture
    from lfdm_pipeline.clips.video_writing import write_video
    from lfdm_pipeline.showcase.gif import write_gif

    original = pretrained_lfae.use_domain(run_facts["corpus"])
    table = _generated(original, lfae, generated_table, generated_clips, options)
    folder = workspace.claim()
    write_video(folder / "new_domain.mp4", table, options.fps, metadata={"comment": NO_RECORDING})
    write_gif(folder / "new_domain.gif", table, options.fps, options.gif_width, comment=NO_RECORDING)
    exhibits = [_video_exhibit(about_tests(clip_table), folder / "new_domain.mp4")]
    domains = {run_facts["corpus"]: (clip_table, clips)}
    domains |= {corpus: (old_clip_tables[corpus], old_clips[corpus]) for corpus in old_clip_tables}
    decoders = {ORIGINAL: pretrained_lfae, **finetuned_lfaes}
    for domain, (clip_rows, store) in domains.items():
        rows = select(clip_rows, "test").drop_duplicates("subject").head(options.reconstructions)
        if rows.empty:
            continue
        shown = [_reconstructed(decoders, domain, store[clip_id]) for clip_id in rows["clip_id"]]
        columns = [Columns("", ("given", "real", "original's warp")), Columns("reconstructed by", tuple(decoders))]
        exhibits.append(_reconstruction_exhibit(domain, folder / "reconstructions" / f"{domain}.png"))
        picture = picture_table(columns, shown)[0]
        write_picture(exhibits[-1].path, picture, comment=f"{NO_RECORDING}: reconstructions beside real frames")
    write_exhibits(folder, exhibits)
    return folder


def write_new_domain_report(
    scores: Mapping[str, float | int | str],
    domain_scores: pd.DataFrame,
    finetuning_history: pd.DataFrame,
    methods: FinetuningMethods,
    clip_table: pd.DataFrame,
    ingestion_report: Mapping[str, Any],
    showcase: Path,
    options: ReportOptions,
    parameters: Mapping[str, Any],
    run_facts: Mapping[str, str],
) -> str:
    """One HTML page with everything a run made, that needs no server."""
    from lfdm_pipeline.showcase.report import ReportContent, render_report

    histories = {
        f"Finetuning: {name}": history.drop(columns="method").dropna(axis=1, how="all")
        for name, history in finetuning_history.groupby("method", sort=False)
    }
    return render_report(
        ReportContent(
            corpus=run_facts["corpus"],
            experiment=run_facts["experiment"],
            scores=scores,
            held_out=about_tests(clip_table),
            run={
                "MLflow run": run_facts.get("mlflow_run_id", "none"),
                "Version": __version__,
                "PyTorch": torch.__version__,
            },
            targets=options.targets,
            exhibits=read_exhibits(showcase),
            histories=histories,
            domains=domain_scores,
            decoders={name: method.described() for name, method in methods.root.items()},
            ingestion=ingestion_report,
            parameters=parameters,
            commands=(run_facts["command"],),
        )
    )


def _generated(
    before: DomainLFAE,
    after: DomainLFAE,
    table: pd.DataFrame,
    store: GeneratedStore,
    options: NewDomainShowcaseOptions,
) -> Clip:
    labels = _chosen(options.labels, table["label"], "labels")
    subjects = _chosen(options.subjects, table["subject"], "subjects")
    original, finetuned = DecodedAgain(store, before), DecodedAgain(store, after)
    names = table.drop_duplicates(["subject", "label"]).set_index(["subject", "label"])["name"]
    rows = []
    for subject in subjects:
        own = [str(names.loc[(subject, label)]) for label in labels]
        pairs = [clip for name in own for clip in (original[name], finetuned[name])]
        rows.append(Row("", [store.reference(own[0])[None], *pairs]))
    columns = [Columns("", ("given image",)), *(Columns(label, (ORIGINAL, "finetuned")) for label in labels)]
    return picture_table(columns, rows, options.hold)


SHOWN = 4


def _chosen(asked: tuple[str, ...] | None, there: pd.Series, what: str) -> Sequence[str]:
    known = sorted(there.unique())
    absent = [name for name in asked or () if name not in known]
    if absent:
        raise InputError(
            f"new_domain_showcase.{what}: nothing was generated for {absent[0]!r}; there are {', '.join(known)}"
        )
    return asked or known[:SHOWN]


@torch.inference_mode()
def _reconstructed(decoders: Mapping[str, DomainLFAE], domain: str, frames: Frames) -> Row:
    """The frame that differs most from the first, by every decoder."""
    moved = np.abs(frames.astype(np.int16) - frames[0]).mean(axis=(1, 2, 3)).argmax()
    source, driving = frames_tensor(frames[[0, moved]]).split(1)
    found = [lfae.cpu().use_domain(domain)(source, driving) for lfae in decoders.values()]
    painted = [to_frames(each.prediction) for each in found]
    return Row("", [frames[:1], frames[moved : moved + 1], to_frames(found[0].deformed), *painted])


def _video_exhibit(about: str, path: Path) -> Exhibit:
    words = (
        "A row a test subject: one picture and a label in; the same flows, decoded before and after the decoder was "
        f"finetuned on unlabelled clips of this domain. {about}"
    )
    return Exhibit("Before and after", words.strip(), path)


def _reconstruction_exhibit(domain: str, path: Path) -> Exhibit:
    return Exhibit(
        f"Reconstruction on {domain}",
        "The first frame of test clips moved onto the one that differs most from it. "
        "The flow is the same for all but those that adapt how it is found.",
        path,
    )
