"""Scores before and after a decoder was finetuned, on the new domain and on the old ones."""

from collections.abc import Iterator, Mapping

import pandas as pd

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.evaluation.decoders import DecodedAgain, score_decoders
from lfdm_pipeline.evaluation.labels import ProbingOptions, label_accuracy, run_probe
from lfdm_pipeline.evaluation.motion import mean_motion, motion_scores
from lfdm_pipeline.evaluation.reconstruction import ReconstructionOptions
from lfdm_pipeline.evaluation.scores import Scores, gather_scores
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.domains import DomainLFAE
from lfdm_pipeline.models.probe import Probe
from lfdm_pipeline.training.finetuning import changed_values

ORIGINAL = "original"


def compare_decoders(
    pretrained_lfae: DomainLFAE,
    finetuned_lfaes: Mapping[str, DomainLFAE],
    clip_table: pd.DataFrame,
    clips: ClipStore,
    old_clip_tables: Mapping[str, pd.DataFrame],
    old_clips: Mapping[str, ClipStore],
    run_facts: Mapping[str, str],
    options: ReconstructionOptions,
    device: str,
) -> pd.DataFrame:
    """Reconstruction of test clips by every decoder: one row a domain and decoder, the new domain first.

    A domain without test clips is left out.
    """
    where = pick_device(device)
    changed = {name: changed_values(pretrained_lfae, lfae) for name, lfae in finetuned_lfaes.items()}
    decoders = {ORIGINAL: pretrained_lfae, **finetuned_lfaes}
    domains = {run_facts["corpus"]: (clip_table, clips)}
    domains |= {corpus: (old_clip_tables[corpus], old_clips[corpus]) for corpus in old_clip_tables}
    parts = {
        domain: score_decoders(decoders, domain, store, unseen, options, where)
        for domain, (table, store) in domains.items()
        if len(unseen := select(table, "test"))
    }
    table = pd.concat(parts, names=["domain"]).reset_index()
    return table.assign(changed_values=table["decoder"].map({ORIGINAL: 0, **changed}))


def judge_decoders(
    pretrained_lfae: DomainLFAE,
    finetuned_lfaes: Mapping[str, DomainLFAE],
    probe: Probe | None,
    conditions: ConditionVectors,
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    old_generated_tables: Mapping[str, pd.DataFrame],
    old_generated_clips: Mapping[str, GeneratedStore],
    run_facts: Mapping[str, str],
    options: ProbingOptions,
    device: str,
) -> pd.DataFrame:
    """Share of generated clips whose label the old corpus' probe names, by domain and decoder, and their number.

    The flows were drawn once; only what decodes them differs. Empty where there is no probe, or none that learned
    anything because it knows one label alone.
    """
    columns = ["domain", "decoder", "label_accuracy", "generated"]
    if probe is None or len(conditions.labels) == 1:
        return pd.DataFrame(columns=columns)
    where = pick_device(device)
    domains = {run_facts["corpus"]: (generated_table, generated_clips)}
    domains |= {corpus: (old_generated_tables[corpus], old_generated_clips[corpus]) for corpus in old_generated_tables}
    rows = []
    for domain, (table, store) in domains.items():
        for name, lfae in {ORIGINAL: pretrained_lfae, **finetuned_lfaes}.items():
            clips = DecodedAgain(store, lfae.to(where).eval().use_domain(domain))
            probed = run_probe(probe, clips, table["name"].tolist(), options, where, f"{domain} by {name}")
            accuracy = label_accuracy(probed, table["label"].tolist(), conditions.labels).accuracy
            rows.append({"domain": domain, "decoder": name, "label_accuracy": accuracy, "generated": len(table)})
    return pd.DataFrame(rows, columns=columns)


def score_generated(
    generated_table: pd.DataFrame,
    generated_clips: GeneratedStore,
    clip_table: pd.DataFrame,
    latent_flows: FlowStore,
    options: ProbingOptions,
) -> dict[str, float]:
    """How much generated clips move, beside the new domain's real ones."""
    size = (int(clip_table["height"].iloc[0]), int(clip_table["width"].iloc[0]))
    names, real = generated_table["name"].tolist(), select(clip_table, "test")["clip_id"].tolist()
    motion = motion_scores(
        mean_motion(generated_clips.flows, names, options.frames, size),
        mean_motion(latent_flows, real, options.frames, size),
    )
    return {"generation.clips": len(names), **motion}


def collect_domain_scores(
    reconstruction: dict[str, float],
    generation: dict[str, float],
    timing: dict[str, float | str],
    compared: pd.DataFrame,
    judged: pd.DataFrame,
) -> tuple[Scores, pd.DataFrame]:
    """Every score under one flat name each, and those of the decoders as one table."""
    table = compared.merge(judged, on=["domain", "decoder"], how="left")
    flat = {
        f"domains.{row['domain']}.{row['decoder']}.{name}": row[name]
        for row in table.to_dict("records")
        for name in table.columns.difference(["domain", "decoder"])
        if pd.notna(row[name])
    }
    return gather_scores(reconstruction, generation, timing, flat, notes=dict(_notes(reconstruction, table))), table


def _notes(reconstruction: Mapping[str, float], table: pd.DataFrame) -> Iterator[tuple[str, str]]:
    if "flow.epe" not in reconstruction:
        yield "flow", "not measured: this corpus has no exact flow"
    if len(table["domain"].unique()) == 1:
        yield "domains", "forgetting was not measured: no test clips of the old domain are on this machine"
    elif table["label_accuracy"].isna().any():
        yield (
            "domains",
            "labels were not judged everywhere: the old domain has no probe, one label alone, or no generated clips",
        )
