"""Stage one: train the latent flow auto-encoder."""

from functools import partial

import pandas as pd
import torch

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.kept_models import KeptModels
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.reference.starting import start_from
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.showcase.pictures import Picture
from lfdm_pipeline.showcase.previews import preview
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
    run = partial(train, execution=execution, device=device, log=run_log)
    if region_training is not None:
        step = RegionStep(lfae.region_predictor, losses)
        run(
            TrainingTask("regions", step, pairs, region_training, seed),
            workspace=Workspace(workspace.claim() / "regions", workspace.identity),
        )
    previewed = (test_ids or train_ids)[:PREVIEWED]
    task = TrainingTask(
        "lfae", LFAEStep(lfae, losses), pairs, training, seed, preview=lambda: _preview(lfae, clips, previewed)
    )
    return lfae, run(task, workspace=workspace)


@torch.inference_mode()
def _preview(lfae: LFAE, clips: ClipStore, clip_ids: list[str]) -> Picture:
    """Reference, driving frame, warp, occlusion and result of a few clips, the driving frame from their middle."""
    device = next(lfae.parameters()).device
    frames = [clips[clip_id] for clip_id in clip_ids]
    source = torch.stack([image_tensor(clip[0]) for clip in frames]).to(device)
    driving = torch.stack([image_tensor(clip[len(clip) // 2]) for clip in frames]).to(device)
    moved = lfae(source, driving)
    return preview(source, driving, moved.deformed, moved.occlusion, moved.prediction)
