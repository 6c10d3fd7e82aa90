"""Stage two: train the diffusion model on cached latent flows."""

from functools import partial

import pandas as pd

from lfdm_pipeline.clips.flow_clips import FlowClips, FlowClipsOptions
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import labels_of, select, select_labelled
from lfdm_pipeline.kept_models import KeptModels
from lfdm_pipeline.models.conditioning import ConditioningOptions, ConditionVectors, condition_vectors
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective, DiffusionObjectiveOptions
from lfdm_pipeline.pipelines.dm_training.previews import DMPreview
from lfdm_pipeline.reference.starting import start_from
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.dm_step import DMStep
from lfdm_pipeline.training.options import ExecutionOptions, StageTrainingOptions
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.training.weights import make_network
from lfdm_pipeline.workspace import Workspace


def make_condition_vectors(
    clip_table: pd.DataFrame, options: ConditioningOptions, model: DMOptions, seed: int
) -> ConditionVectors:
    """One vector for each label of the corpus."""
    return condition_vectors(labels_of(clip_table), model.denoiser.condition_dim, options, seed)


def train_dm(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    latent_flows: FlowStore,
    lfae: LFAE,
    conditions: ConditionVectors,
    model: DMOptions,
    objective: DiffusionObjectiveOptions,
    data: FlowClipsOptions,
    training: StageTrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    kept_models: KeptModels,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[DM, pd.DataFrame]:
    """Train the DM on the flows of the labelled training clips; return it in eval mode with its curves."""
    table = select_labelled(clip_table)
    dm = make_network(DM, model, seed)
    if training.init_from is not None:
        start_from(dm, kept_models.find(training.init_from, "dm"))
    dm.target.fit(latent_flows.read(clip_id) for clip_id in table["clip_id"])
    unseen = select(clip_table, "test", labelled=True)
    flow_clips = partial(
        FlowClips, clips=clips, flows=latent_flows, conditions=conditions.by_label(), seed=seed, options=data
    )
    task = TrainingTask(
        name="dm",
        step=DMStep(dm, lfae, DiffusionObjective(objective)),
        examples=flow_clips(table),
        held_out=flow_clips(unseen) if len(unseen) else None,
        options=training,
        parameters="dm.training",
        seed=seed,
        preview=DMPreview(dm, lfae, conditions, clip_table, clips, data.num_frames, seed),
    )
    return dm, train(task, execution=execution, device=device, workspace=workspace, log=run_log)
