"""Finetune the decoder of a trained LFAE on unlabelled clips of a new domain."""

from collections.abc import Mapping, Sequence

import pandas as pd
import torch

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.rehearsal import Rehearsal
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.clips.tensors import image_tensor
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.showcase.pictures import Picture
from lfdm_pipeline.showcase.previews import preview
from lfdm_pipeline.training.decoder_step import DecoderStep
from lfdm_pipeline.training.finetuning import FinetuningMethod, FinetuningMethods, prepare
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train
from lfdm_pipeline.workspace import Workspace

PREVIEWED = 4


def finetune_decoders(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    pretrained_lfae: DomainLFAE,
    old_clip_tables: Mapping[str, pd.DataFrame],
    old_clips: Mapping[str, ClipStore],
    run_facts: Mapping[str, str],
    objective: LFAEObjectiveOptions,
    data: FramePairsOptions,
    methods: FinetuningMethods,
    training: TrainingOptions,
    seed: int,
    execution: ExecutionOptions,
    device: str,
    workspace: Workspace,
    run_log: RunLog,
) -> tuple[dict[str, DomainLFAE], pd.DataFrame]:
    """Finetune the decoder in every way configured; return the networks by way, in eval mode, and all curves."""
    new, held_out = _pairs(clip_table, clips, seed, data), _shown(clip_table, clips)
    old = [_pairs(old_clip_tables[corpus], old_clips[corpus], seed, data) for corpus in old_clip_tables]
    _check_sizes(clip_table, old_clip_tables)
    losses = LFAEObjective(objective)
    finetuned, histories = {}, {}
    for name, method in methods.root.items():
        lfae, trained = prepare(pretrained_lfae, method, run_facts["corpus"], seed)
        task = TrainingTask(
            f"finetuning.{name}",
            DecoderStep(lfae, trained, losses),
            _mixed(new, old, method, name),
            training.model_copy(update={"learning_rate": method.learning_rate or training.learning_rate}),
            seed,
            preview=lambda lfae=lfae: _preview(pretrained_lfae, lfae, held_out),  # type: ignore[misc]
        )
        part = workspace.part(name)
        histories[name] = train(task, execution=execution, device=device, workspace=part, log=run_log)
        finetuned[name] = lfae
    return finetuned, pd.concat(histories, names=["method"]).reset_index("method").reset_index(drop=True)


def keep_one(finetuned_lfaes: Mapping[str, DomainLFAE], method: str) -> DomainLFAE:
    """The network that becomes the corpus' own."""
    if method not in finetuned_lfaes:
        raise InputError(
            f"decoder_finetuning.keep: there is no method {method!r} among decoder_finetuning.methods, "
            f"there are {', '.join(finetuned_lfaes)}"
        )
    return finetuned_lfaes[method]


def _pairs(table: pd.DataFrame, clips: ClipStore, seed: int, data: FramePairsOptions) -> FramePairs:
    return FramePairs(clips, select(table, "train")["clip_id"].tolist(), seed=seed, options=data)


def _mixed(new: FramePairs, old: Sequence[FramePairs], method: FinetuningMethod, name: str) -> FramePairs | Rehearsal:
    if not method.rehearsal:
        return new
    if not old:
        raise InputError(
            f"decoder_finetuning.methods.{name}.rehearsal asks for clips of the corpora in pretrained_from, and "
            "none are on this machine: run their ingestion, or set it to 0"
        )
    return Rehearsal(new, old, method.rehearsal)


def _check_sizes(clip_table: pd.DataFrame, old: Mapping[str, pd.DataFrame]) -> None:
    size = int(clip_table["height"].iloc[0])
    for corpus, table in old.items():
        if (other := int(table["height"].iloc[0])) != size:
            raise InputError(
                f"clips of {corpus}, which pretrained_from names, have {other} pixels a side, these {size}: "
                f"set ingestion.size to {other}"
            )


def _shown(table: pd.DataFrame, clips: ClipStore) -> tuple[torch.Tensor, torch.Tensor]:
    rows = select(table, "test") if (table["split"] == "test").any() else table
    frames = [clips[clip_id] for clip_id in rows["clip_id"].iloc[:PREVIEWED]]
    middles = [clip[len(clip) // 2] for clip in frames]
    return torch.stack([image_tensor(clip[0]) for clip in frames]), torch.stack(list(map(image_tensor, middles)))


@torch.inference_mode()
def _preview(pretrained: LFAE, lfae: LFAE, held_out: tuple[torch.Tensor, torch.Tensor]) -> Picture:
    """Reference, driving frame, what the pretrained network makes of it and what this one does."""
    device = next(lfae.parameters()).device
    source, driving = (images.to(device) for images in held_out)
    before, after = (each(source, driving).prediction for each in (pretrained.to(device), lfae))
    return preview(source, driving, before, after)
