"""Stage one: train the latent flow auto-encoder."""

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
from lfdm_pipeline.training.seeding import seed_weights
from lfdm_pipeline.workspace import Workspace

PREVIEWED = 4


def train_lfae(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    model: LFAEOptions,
    objective: LFAEObjectiveOptions,
    data: FramePairsOptions,
    training: TrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[LFAE, pd.DataFrame]:
    """Train the LFAE on the training clips; return it in eval mode with the curves of its losses."""
    seed_weights(seed)
    lfae = LFAE(model)
    train_ids, test_ids = (select(clip_table, split)["clip_id"].tolist() for split in ("train", "test"))
    trainer = Trainer(
        "lfae",
        LFAEStep(lfae, LFAEObjective(objective)),
        FramePairs(clips, train_ids, seed=seed, options=data),
        training,
        execution,
        seed=seed,
        workspace=workspace,
        device=pick_device(device),
        log=run_log,
        preview=lambda: _preview(lfae, clips, (test_ids or train_ids)[:PREVIEWED]),
    )
    return lfae, trainer.fit()


@torch.inference_mode()
def _preview(lfae: LFAE, clips: ClipStore, clip_ids: list[str]) -> Picture:
    """Reference, driving frame, warp, occlusion and result of a few clips, the driving frame from their middle."""
    device = next(lfae.parameters()).device
    frames = [clips[clip_id] for clip_id in clip_ids]
    source = torch.stack([image_tensor(clip[0]) for clip in frames]).to(device)
    driving = torch.stack([image_tensor(clip[len(clip) // 2]) for clip in frames]).to(device)
    moved = lfae(source, driving)
    return preview(source, driving, moved.deformed, moved.occlusion, moved.prediction)
