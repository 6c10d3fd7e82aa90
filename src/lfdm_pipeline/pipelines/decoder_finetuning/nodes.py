"""Finetune the decoder of a trained LFAE on unlabelled clips of a new domain."""

from collections.abc import Mapping, Sequence

import pandas as pd

from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.rehearsal import Rehearsal
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.pipelines.decoder_finetuning.previews import FinetuningPreview
from lfdm_pipeline.run_log import RunLog
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
    new, unseen = _pairs(clip_table, clips, seed, data), select(clip_table, "test")
    held_out = _pairs(clip_table, clips, seed, data, "test") if len(unseen) else None
    shown = (unseen if len(unseen) else clip_table)["clip_id"].tolist()[:PREVIEWED]
    old = [_pairs(old_clip_tables[corpus], old_clips[corpus], seed, data) for corpus in old_clip_tables]
    _check_sizes(clip_table, old_clip_tables)
    losses = LFAEObjective(objective)
    # As evaluation has it: an adapter of an earlier domain is not what this one was decoded with before.
    original = pretrained_lfae.use_domain(run_facts["corpus"])
    finetuned, tasks = {}, {}
    # What a method cannot do is found before the first of them takes its hours.
    for name, method in methods.root.items():
        lfae, trained = prepare(original, method, run_facts["corpus"], seed)
        tasks[name] = TrainingTask(
            name=f"finetuning.{name}",
            step=DecoderStep(lfae, trained, losses, method.changes_flow),
            examples=_mixed(new, old, method, name),
            held_out=held_out,
            options=training.model_copy(update={"learning_rate": method.learning_rate or training.learning_rate}),
            parameters="decoder_finetuning.training",
            seed=seed,
            preview=FinetuningPreview(original, lfae, clips, shown),
        )
        finetuned[name] = lfae
    histories = {
        name: train(task, execution=execution, device=device, workspace=workspace.part(name), log=run_log)
        for name, task in tasks.items()
    }
    return finetuned, pd.concat(histories, names=["method"]).reset_index("method").reset_index(drop=True)


def keep_one(finetuned_lfaes: Mapping[str, DomainLFAE], method: str) -> DomainLFAE:
    """The network that becomes the corpus' own."""
    return finetuned_lfaes[method]


def _pairs(
    table: pd.DataFrame, clips: ClipStore, seed: int, data: FramePairsOptions, split: str = "train"
) -> FramePairs:
    return FramePairs(clips, select(table, split)["clip_id"].tolist(), seed=seed, options=data)


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
