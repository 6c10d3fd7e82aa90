"""Stage one: train the latent flow auto-encoder."""

from functools import partial

import pandas as pd
import torch

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.showcase.pictures import Picture
from lfdm_pipeline.showcase.previews import preview
from lfdm_pipeline.training.lfae_step import LFAEStep
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.region_step import RegionStep
from lfdm_pipeline.training.seeding import seed_weights
from lfdm_pipeline.workspace import Workspace

PREVIEWED = 4


def train_lfae(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    model: LFAEOptions,
    objective: LFAEObjectiveOptions,
    data: FramePairsOptions,
    region_training: TrainingOptions | None,
    training: TrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[LFAE, pd.DataFrame]:
    """Train the LFAE on the training clips; return it in eval mode with the curves of its losses.

    With `region_training` the regions are trained alone before, on the terms of the objective that need nothing else.
    """
    seed_weights(seed)
    lfae, losses = LFAE(model), LFAEObjective(objective)
    train_ids, test_ids = (select(clip_table, split)["clip_id"].tolist() for split in ("train", "test"))
    pairs = FramePairs(clips, train_ids, seed=seed, options=data)
    trainer = partial(Trainer, execution=execution, seed=seed, device=pick_device(device), log=run_log)
    if region_training is not None:
        regions = Workspace(workspace.folder / "regions", workspace.identity)
        step = RegionStep(lfae.region_predictor, losses)
        trainer("regions", step, pairs, region_training, workspace=regions).fit()
    history = trainer(
        "lfae",
        LFAEStep(lfae, losses),
        pairs,
        training,
        workspace=workspace,
        preview=lambda: _preview(lfae, clips, (test_ids or train_ids)[:PREVIEWED]),
    ).fit()
    return lfae, history


@torch.inference_mode()
def _preview(lfae: LFAE, clips: ClipStore, clip_ids: list[str]) -> Picture:
    """Reference, driving frame, warp, occlusion and result of a few clips, the driving frame from their middle."""
    device = next(lfae.parameters()).device
    frames = [clips[clip_id] for clip_id in clip_ids]
    source = torch.stack([image_tensor(clip[0]) for clip in frames]).to(device)
    driving = torch.stack([image_tensor(clip[len(clip) // 2]) for clip in frames]).to(device)
    moved = lfae(source, driving)
    return preview(source, driving, moved.deformed, moved.occlusion, moved.prediction)
