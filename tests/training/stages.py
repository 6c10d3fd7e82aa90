"""Every stage's training, as small as it can be."""

from pathlib import Path

import numpy as np
import pandas as pd

from lfdm_pipeline.clips.flow_clips import FlowClips, FlowClipsOptions
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.labelled_clips import LabelledClips, LabelledClipsOptions
from lfdm_pipeline.clips.rehearsal import Rehearsal
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.models.adapters import DECODER, PREDICTORS
from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.models.probe import Probe, ProbeOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective, DiffusionObjectiveOptions
from lfdm_pipeline.training.decoder_step import DecoderStep
from lfdm_pipeline.training.dm_step import DMStep
from lfdm_pipeline.training.finetuning import FinetuningMethod, prepare
from lfdm_pipeline.training.lfae_step import LFAEStep
from lfdm_pipeline.training.options import TrainingOptions
from lfdm_pipeline.training.probe_step import ProbeStep
from lfdm_pipeline.training.region_step import RegionStep
from lfdm_pipeline.training.step import Step
from lfdm_pipeline.training.task import Examples, TrainingTask
from lfdm_pipeline.training.weights import make_network

SIZE, FRAMES, LABELS = 16, 5, ("nod", "smile")

SMALL_LFAE = LFAEOptions(
    num_regions=2,
    region_scale=0.5,
    **dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2),
    **dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4),
    num_res_blocks=1,
)
_METHODS = {
    "decoder": FinetuningMethod(),
    "adapters": FinetuningMethod(adapter_rank=2),
    "motion": FinetuningMethod(layers=(*PREDICTORS, *DECODER), adapter_rank=2),
}
SMALL_OBJECTIVE = LFAEObjectiveOptions(perceptual="none", pyramid_scales=(1.0,))
_DM = DMOptions(
    denoiser=DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=16, condition_dim=4, heads=1, head_dim=8),
    target="displacement",
    prediction="v",
)


def task(name: str, folder: Path, **options: object) -> TrainingTask:
    """The training of a stage on a corpus made in `folder`."""
    training = {"steps": 6, "batch_size": 4, "learning_rate": 1e-3} | options
    step, examples = _step_and_examples(name, folder)
    return TrainingTask(
        name=name,
        step=step,
        examples=examples,
        held_out=examples,
        options=TrainingOptions.model_validate(training),
        parameters=f"{name}.training",
        seed=3,
    )


def corpus(folder: Path) -> tuple[pd.DataFrame, ClipStore, FlowStore]:
    """Four clips of noise, with flows of noise."""
    clips, flows = ClipStore(folder / "clips"), FlowStore(folder / "flows")
    rng = np.random.default_rng(0)
    names = [f"clip{number}" for number in range(4)]
    for name in names:
        clips.write(name, rng.integers(0, 256, (FRAMES, SIZE, SIZE, 3), np.uint8))
        quarter = (FRAMES, SIZE // 4, SIZE // 4)
        flows.write(name, 0.1 * rng.standard_normal((FRAMES, 2, *quarter[1:])), rng.random((FRAMES, 1, *quarter[1:])))
    table = pd.DataFrame(
        {"clip_id": names, "label": LABELS * 2, "subject": "anna", "split": ["train", "train", "train", "test"]}
    )
    return table, clips, flows


def small_lfae() -> LFAE:
    return make_network(LFAE, SMALL_LFAE, 0)


def small_dm() -> DM:
    return make_network(DM, _DM, 0)


def _step_and_examples(name: str, folder: Path) -> tuple[Step, Examples]:
    table, clips, flows = corpus(folder)
    objective = LFAEObjective(SMALL_OBJECTIVE)
    pairs = FramePairs(clips, table["clip_id"].tolist(), seed=1, options=FramePairsOptions())
    if name in ("regions", "lfae"):
        lfae = small_lfae()
        step: Step = LFAEStep(lfae, objective) if name == "lfae" else RegionStep(lfae.region_predictor, objective)
        return step, pairs
    if name in _METHODS:
        method = _METHODS[name]
        pretrained = make_network(DomainLFAE, DomainLFAEOptions(**SMALL_LFAE.model_dump()), 0)
        step = DecoderStep(*prepare(pretrained, method, "new", seed=0), objective, method.changes_flow)
        return step, Rehearsal(pairs, [pairs], 0.5)
    if name == "dm":
        dm = small_dm()
        dm.target.fit(flows.read(clip_id) for clip_id in table["clip_id"])
        vectors = {label: np.full(4, number, np.float32) for number, label in enumerate(LABELS)}
        options = FlowClipsOptions(num_frames=3)
        step = DMStep(dm, small_lfae().eval(), DiffusionObjective(DiffusionObjectiveOptions()))
        return step, FlowClips(table, clips, flows, vectors, seed=1, options=options)
    probe = make_network(Probe, ProbeOptions(num_labels=2, image_size=8, width=8, feature_dim=8), 0)
    return ProbeStep(probe), LabelledClips(
        table, clips, LABELS, seed=1, options=LabelledClipsOptions(num_frames=3, flip_horizontal=True)
    )
