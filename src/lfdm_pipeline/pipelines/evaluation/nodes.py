"""Scores of the models and of what they generated."""

from functools import partial
from pathlib import Path

import pandas as pd

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.labelled_clips import LabelledClips, LabelledClipsOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import labels_of, select
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.evaluation.flow import score_flow
from lfdm_pipeline.evaluation.frechet import frechet_distance
from lfdm_pipeline.evaluation.labels import ProbingOptions, label_accuracy, run_probe
from lfdm_pipeline.evaluation.motion import mean_motion, motion_scores
from lfdm_pipeline.evaluation.reconstruction import ReconstructionOptions, score_reconstruction
from lfdm_pipeline.evaluation.scores import Scores, gather_scores
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.probe import Probe, ProbeOptions, ProbeSizes
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.probe_step import ProbeStep
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.training.weights import make_network
from lfdm_pipeline.workspace import Workspace


def train_probe(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    sizes: ProbeSizes,
    data: LabelledClipsOptions,
    training: TrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[Probe, pd.DataFrame]:
    """Train the classifier on real training clips only; generated clips never touch it."""
    labels = labels_of(clip_table)
    probe = make_network(Probe, ProbeOptions(num_labels=len(labels), **sizes.model_dump()), seed)
    labelled_clips = partial(LabelledClips, clips=clips, labels=labels, seed=seed, options=data)
    unseen = select(clip_table, "test", labelled=True)
    task = TrainingTask(
        name="probe",
        step=ProbeStep(probe),
        examples=labelled_clips(select(clip_table, "train", labelled=True)),
        held_out=labelled_clips(unseen) if len(unseen) else None,
        options=training,
        parameters="probe.training",
        seed=seed,
    )
    return probe, train(task, execution=execution, device=device, workspace=workspace, log=run_log)


def reconstruct(
    lfae: LFAE,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    latent_flows: FlowStore,
    raw_corpus: Path,
    options: ReconstructionOptions,
    device: str,
) -> tuple[dict[str, float], pd.DataFrame]:
    """Reconstruction and flow error of the LFAE on test subjects, and the same clip by clip."""
    where = pick_device(device)
    table = select(clip_table, "test")
    reconstruction = score_reconstruction(lfae.to(where), clips, table, options, where)
    flow = score_flow(latent_flows, table, raw_corpus, lfae.options.aligned)
    return reconstruction.scores | (flow.scores() if flow else {}), reconstruction.table


def judge_generated(
    probe: Probe,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    latent_flows: FlowStore,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: ProbingOptions,
    device: str,
) -> tuple[dict[str, float], pd.DataFrame, pd.DataFrame]:
    """Label accuracy, Fréchet distance on the probe's features and motion of generated clips, beside real ones."""
    where = pick_device(device)
    probe, labels = probe.to(where), labels_of(clip_table)
    real = select(clip_table, "test", labelled=True)
    real_ids, names = real["clip_id"].tolist(), generated_table["name"].tolist()
    on_real = run_probe(probe, clips, real_ids, options, where, "real clips")
    on_generated = run_probe(probe, generated_clips, names, options, where, "generated clips")
    accuracy = label_accuracy(on_generated, generated_table["label"].tolist(), labels)
    real_accuracy = label_accuracy(on_real, real["label"].tolist(), labels)
    size = (int(real["height"].iloc[0]), int(real["width"].iloc[0]))
    scores = {
        "probe.real_accuracy": real_accuracy.accuracy,
        "generation.clips": len(names),
        "generation.label_accuracy": accuracy.accuracy,
        "generation.frechet_probe": frechet_distance(on_generated.features, on_real.features),
    }
    motion = motion_scores(
        mean_motion(generated_clips.flows, names, options.frames, size),
        mean_motion(latent_flows, real_ids, options.frames, size),
    )
    return scores | motion, accuracy.confusion, real_accuracy.confusion


def collect_scores(
    reconstruction: dict[str, float], generation: dict[str, float], timing: dict[str, float | str]
) -> Scores:
    """Every score of the run under one flat name each, with a word on what could not be measured."""
    notes = {} if "flow.epe" in reconstruction else {"flow": "not measured: this corpus has no exact flow"}
    return gather_scores(reconstruction, generation, timing, notes=notes)
