"""Stage one: train the latent flow auto-encoder."""

from functools import partial

import pandas as pd

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.kept_models import KeptModels
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.pipelines.lfae_training.previews import LFAEPreview
from lfdm_pipeline.reference.starting import start_from
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.lfae_step import LFAEStep
from lfdm_pipeline.training.options import ExecutionOptions, StageTrainingOptions, TrainingOptions
from lfdm_pipeline.training.region_step import RegionStep
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.training.weights import make_network
from lfdm_pipeline.workspace import Workspace

PREVIEWED = 4


def train_lfae(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    model: LFAEOptions,
    objective: LFAEObjectiveOptions,
    data: FramePairsOptions,
    region_training: TrainingOptions | None,
    training: StageTrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    kept_models: KeptModels,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[LFAE, pd.DataFrame]:
    """Train the LFAE on the training clips; return it in eval mode with the curves of its losses.

    With `region_training` the regions are trained alone before, on the terms of the objective that need nothing else.
    """
    lfae, losses = make_network(LFAE, model, seed), LFAEObjective(objective)
    if training.init_from is not None:
        start_from(lfae, kept_models.find(training.init_from, "lfae"))
    train_ids, test_ids = (select(clip_table, split)["clip_id"].tolist() for split in ("train", "test"))
    pairs = FramePairs(clips, train_ids, seed=seed, options=data)
    held_out = FramePairs(clips, test_ids, seed=seed, options=data) if test_ids else None
    run = partial(train, execution=execution, device=device, log=run_log)
    if region_training is not None:
        task = TrainingTask(
            name="regions",
            step=RegionStep(lfae.region_predictor, losses),
            examples=pairs,
            held_out=held_out,
            options=region_training,
            parameters="lfae.region_training",
            seed=seed,
        )
        run(task, workspace=Workspace(workspace.claim() / "regions", workspace.identity))
    task = TrainingTask(
        name="lfae",
        step=LFAEStep(lfae, losses),
        examples=pairs,
        held_out=held_out,
        options=training,
        parameters="lfae.training",
        seed=seed,
        preview=LFAEPreview(lfae, clips, (test_ids or train_ids)[:PREVIEWED]),
    )
    return lfae, run(task, workspace=workspace)
