"""Scores of the models and of what they generated."""

from functools import partial
from pathlib import Path

import pandas as pd

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.labelled_clips import LabelledClips, LabelledClipsOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import labels_of, select, select_labelled
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.evaluation.bootstrap import BootstrapOptions
from lfdm_pipeline.evaluation.diversity import diversity_scores
from lfdm_pipeline.evaluation.features import ClipFeatures
from lfdm_pipeline.evaluation.flicker import flicker_scores
from lfdm_pipeline.evaluation.flow import score_flow
from lfdm_pipeline.evaluation.frechet_scores import FVD, PROBE, frechet_scores, measured_by
from lfdm_pipeline.evaluation.fvd import FVDOptions, generated_features, protocol_words, real_features
from lfdm_pipeline.evaluation.identity import identity_scores, real_identity
from lfdm_pipeline.evaluation.labels import ONE_LABEL, ProbingOptions, label_accuracy, run_probe
from lfdm_pipeline.evaluation.motion import mean_motion, motion_scores
from lfdm_pipeline.evaluation.reconstruction import ReconstructionOptions, score_reconstruction
from lfdm_pipeline.evaluation.scores import Scores, gather_scores
from lfdm_pipeline.evaluation.video_network import load_video_network
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.models.probe import Probe, ProbeOptions, ProbeSizes
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.probe_step import ProbeStep
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.training.weights import make_network
from lfdm_pipeline.workspace import Workspace

FVD_NOT_MEASURED = (
    "not measured: it needs the I3D network as a TorchScript file (evaluation.fvd.network=PATH); the Fréchet "
    "distance on the probe's features takes its place and is comparable with no FVD"
)


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
    """Train the classifier on real training clips only; generated clips never touch it.

    Where there is one label it stays as it was initialised: no step would change it.
    """
    labels = labels_of(clip_table)
    probe = make_network(Probe, ProbeOptions(num_labels=len(labels), **sizes.model_dump()), seed)
    if len(labels) == 1:
        return probe.eval(), pd.DataFrame(columns=["step"])
    labelled_clips = partial(LabelledClips, clips=clips, labels=labels, seed=seed, options=data)
    unseen = select(clip_table, "test", labelled=True)
    task = TrainingTask(
        name="probe",
        step=ProbeStep(probe),
        examples=labelled_clips(select_labelled(clip_table)),
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
) -> tuple[Scores, pd.DataFrame]:
    """Reconstruction and flow error of the LFAE on test subjects, and the same clip by clip."""
    where = pick_device(device)
    table = select(clip_table, "test")
    reconstruction = score_reconstruction(lfae.to(where), clips, table, options, where)
    flow = score_flow(latent_flows, table, raw_corpus, lfae.options.aligned)
    return gather_scores(reconstruction.scores, flow.scores() if flow else {}), reconstruction.table


def judge_generated(
    probe: Probe,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    latent_flows: FlowStore,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: ProbingOptions,
    bootstrap: BootstrapOptions,
    seed: int,
    device: str,
) -> tuple[Scores, pd.DataFrame, pd.DataFrame]:
    """Label accuracy, Fréchet distances on the probe's features and motion of generated clips, beside real ones."""
    where = pick_device(device)
    probe, labels = probe.to(where), labels_of(clip_table)
    real = select(clip_table, "test")
    real_ids, names = real["clip_id"].tolist(), generated_table["name"].tolist()
    on_real = run_probe(probe, clips, real_ids, options, where, "real clips")
    on_generated = run_probe(probe, generated_clips, names, options, where, "generated clips")
    described_real = ClipFeatures.of_table(on_real.features, real)
    described = ClipFeatures.of_table(on_generated.features, generated_table)
    accuracy = label_accuracy(on_generated, described.labels, labels)
    real_accuracy = label_accuracy(on_real, described_real.labels, labels)
    scores = real_accuracy.scores("probe.real_accuracy") | accuracy.scores("generation.label_accuracy")
    if len(labels) > 1:
        distances = frechet_scores(described, described_real, PROBE, bootstrap, seed)
    else:
        distances = {f"{PROBE.overall}_note": f"not measured: {ONE_LABEL}; FVD needs no label"}
    protocol = (
        f"{len(names):,} generated against {len(real):,} real clips (test split), {options.frames} frames each, spread "
        f"evenly; features of the probe of this run; {bootstrap.words}"
    )
    size = _image_size(clip_table)
    motion = motion_scores(
        mean_motion(generated_clips.flows, names, options.frames, size),
        mean_motion(latent_flows, real_ids, options.frames, size),
    )
    return (
        scores | {"generation.clips": len(names)} | measured_by(distances, PROBE, protocol=protocol) | motion,
        accuracy.confusion,
        real_accuracy.confusion,
    )


def measure_fvd(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: FVDOptions,
    bootstrap: BootstrapOptions,
    seed: int,
    device: str,
) -> Scores:
    """FVD, cFVD and sFVD where the I3D network is given, else a note."""
    if options.network is None:
        return {"generation.fvd_note": FVD_NOT_MEASURED}
    where = pick_device(device)
    network = load_video_network(options.network, options.sha256, options.resize, where)
    generated = generated_features(network, generated_clips, generated_table, options, seed, where)
    real = real_features(network, clips, clip_table, options, seed, where)
    protocol = (
        f"{protocol_words(options, len(generated.features), len(real.features), network.sha256)}; {bootstrap.words}"
    )
    distances = frechet_scores(generated, real, FVD, bootstrap, seed)
    return measured_by(distances, FVD, protocol=protocol, sha256=network.sha256)


def look_at_generated(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    latent_flows: FlowStore,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    options: ProbingOptions,
) -> Scores:
    """Diversity, identity and flicker of generated clips: what frames and flows say without any network."""
    real_ids = select(clip_table, "test")["clip_id"].tolist()
    names = generated_table["name"].tolist()
    return gather_scores(
        diversity_scores(
            generated_clips, generated_clips.flows, generated_table, options.frames, _image_size(clip_table)
        ),
        identity_scores(
            generated_clips, names, generated_table["subject"].tolist(), generated_clips.reference, options.frames
        ),
        real_identity(clips, real_ids, options.frames),
        flicker_scores("generation.flicker", generated_clips, generated_clips.flows, names, options.frames),
        flicker_scores("generation.real_flicker", clips, latent_flows, real_ids, options.frames),
    )


def collect_scores(
    reconstruction: dict[str, float],
    generation: dict[str, float],
    fvd: dict[str, float | str],
    looks: dict[str, float | str],
    timing: dict[str, float | str],
) -> Scores:
    """Every score of the run under one flat name each, with a word on what could not be measured."""
    notes = {} if "flow.epe" in reconstruction else {"flow": "not measured: this corpus has no exact flow"}
    return gather_scores(reconstruction, generation, fvd, looks, timing, notes=notes)


def _image_size(clip_table: pd.DataFrame) -> tuple[int, int]:
    return int(clip_table["height"].iloc[0]), int(clip_table["width"].iloc[0])
