from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tests.pipelines.old_corpus import LFAE_OPTIONS, make_old_corpus

from lfdm_pipeline.clips.frame_pairs import FramePairsOptions
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.labels import ProbingOptions
from lfdm_pipeline.models.adapters import AdapterOptions
from lfdm_pipeline.models.conditioning import label_vectors
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions
from lfdm_pipeline.models.probe import Probe, ProbeOptions
from lfdm_pipeline.objectives.lfae import LFAEObjectiveOptions
from lfdm_pipeline.pipelines.decoder_finetuning.nodes import finetune_decoders
from lfdm_pipeline.pipelines.evaluation.new_domain_nodes import judge_decoders
from lfdm_pipeline.pipelines.showcase import new_domain_nodes
from lfdm_pipeline.training.finetuning import FinetuningMethods
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.workspace import Workspace

LABELS = ("nod", "smile")


@pytest.fixture
def lfae() -> DomainLFAE:
    torch.manual_seed(0)
    return DomainLFAE(DomainLFAEOptions(**LFAE_OPTIONS.model_dump())).eval()


@pytest.fixture
def corpus(tmp_path: Path) -> dict[str, Any]:
    make_old_corpus(tmp_path, "corpus", LABELS)
    clips, generated = tmp_path / "02_intermediate/corpus", tmp_path / "07_model_output/corpus/main/test_subjects"
    return {
        "clip_table": pd.read_parquet(clips / "clip_table.parquet"),
        "clips": ClipStore(clips / "clips"),
        "generated_table": pd.read_parquet(generated / "generated_table.parquet"),
        "generated_clips": GeneratedStore(generated / "clips"),
    }


def test_a_method_that_cannot_be_is_found_before_another_is_trained(lfae, corpus, tmp_path):
    with pytest.raises(InputError, match=r"methods.rehearsal.rehearsal asks for clips of the corpora"):
        finetune_decoders(
            corpus["clip_table"],
            corpus["clips"],
            lfae,
            {},
            {},
            {"corpus": "corpus"},
            LFAEObjectiveOptions(perceptual="none"),
            FramePairsOptions(),
            FinetuningMethods.model_validate({"decoder": {}, "rehearsal": {"rehearsal": 0.5}}),
            TrainingOptions(steps=1, batch_size=1, learning_rate=1e-3),
            seed=0,
            execution=ExecutionOptions(),
            device="cpu",
            workspace=Workspace(tmp_path / "made", "x"),
            run_log=lambda *_: None,
        )
    assert not (tmp_path / "made").exists()


def test_a_probe_of_one_label_judges_nothing(lfae, corpus):
    generated = corpus["generated_table"], corpus["generated_clips"]
    probe, conditions = Probe(ProbeOptions(num_labels=1)), label_vectors(("nod",), 4, 0)
    facts, options = {"corpus": "corpus"}, ProbingOptions(frames=2)
    assert judge_decoders(lfae, {}, probe, conditions, *generated, {}, {}, facts, options, "cpu").empty


def test_before_is_without_the_adapters_of_earlier_domains(lfae, corpus, tmp_path, monkeypatch):
    second = lfae.with_adapter("second", AdapterOptions())
    for parameter in second.adapter("second").parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    unchanged = second.with_adapter("third", AdapterOptions())
    shown = []

    def drawn(columns, rows, hold=0):
        shown.append(rows)
        return picture_table(columns, rows, hold)

    picture_table = new_domain_nodes.picture_table
    monkeypatch.setattr(new_domain_nodes, "picture_table", drawn)
    new_domain_nodes.make_new_domain_showcase(
        second,
        {"adapters": unchanged},
        unchanged,
        corpus["clip_table"],
        corpus["clips"],
        {},
        {},
        corpus["generated_table"],
        corpus["generated_clips"],
        {"corpus": "third"},
        new_domain_nodes.NewDomainShowcaseOptions(gif_width=64),
        Workspace(tmp_path / "showcase", "x"),
    )
    (given, *pairs), *_ = (row.clips for row in shown[0])
    assert len(given) == 1
    assert len(pairs) == 2 * len(LABELS)
    for original, finetuned in zip(pairs[::2], pairs[1::2], strict=True):
        assert np.array_equal(original, finetuned)
