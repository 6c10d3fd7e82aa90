"""Corpora that take another one's model: the real command on fabricated videos."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.clips.fabricated import make_faceforensics, make_own
from tests.pipelines.new_domain_project import DECODER, bootstrapped, contents, lay_out, run_project, weights
from tests.pipelines.old_corpus import make_old_corpus

EXPRESSIONS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
TINY: dict[str, Any] = {
    "device": "cpu",
    "training": {"workers": 0, "checkpoint_every": 2, "preview_every": 2},
    # Small corpora with every oddity lose a large share of their clips.
    "ingestion": {"size": 32, "max_left_out": 0.5},
    "lfae": {"objective": {"perceptual": "none"}},
    "decoder_finetuning": {"training": {"steps": 2, "batch_size": 2, "warmup_steps": 0}},
    "generation": {"num_frames": 4, "sampler": {"name": "ddim", "steps": 2}},
    "evaluation": {"reconstruction": {"frames": 4}, "probing": {"frames": 4}},
}


@pytest.fixture
def faceforensics(tmp_path: Path, empty_mlflow_database: Path) -> Iterator[Path]:
    root = lay_out(tmp_path, "faceforensics", TINY)
    make_faceforensics(root / "data/01_raw/faceforensics")
    make_old_corpus(root / "data", "mug", EXPRESSIONS)
    with bootstrapped(root, empty_mlflow_database):
        yield root


@pytest.fixture
def pets(tmp_path: Path, empty_mlflow_database: Path) -> Iterator[Path]:
    """One's own videos, configured as README says; the old corpus has no test clips."""
    root = lay_out(tmp_path, "own", TINY | {"source": {"folder": {"test_subjects": ["bob"]}}})
    (root / "conf/own").rename(root / "conf/pets")
    names = root / "conf/pets/globals.yml"
    text = names.read_text()
    assert "corpus: own\n" in text
    assert "# pretrained_from: mug\n" in text
    text = text.replace("corpus: own", "corpus: pets").replace("# pretrained_from: mug", "pretrained_from: mug")
    names.write_text(text)
    make_own(root / "data/01_raw/pets")
    make_old_corpus(root / "data", "mug", EXPRESSIONS, splits=("train", "train"))
    with bootstrapped(root, empty_mlflow_database):
        yield root


def finetune(project: Path, corpus: str) -> dict[str, Any]:
    """The scores of a run, during which nothing but the decoder was changed and nothing of the old corpus."""
    old = contents(project, "mug")
    run_project(project, corpus)
    assert contents(project, "mug") == old
    before, after = weights(project, "mug/main/lfae"), weights(project, f"{corpus}/main/lfae")
    assert before.keys() == after.keys()
    changed = {name for name, value in after.items() if not np.array_equal(value, before[name])}
    assert changed
    assert all(name.startswith(DECODER) for name in changed)
    reporting = project / "data/08_reporting" / corpus / "main"
    assert (reporting / "showcase/new_domain.mp4").stat().st_size > 0
    assert (reporting / "report.html").stat().st_size > 0
    return json.loads((reporting / "scores.json").read_text())


def generated(project: Path, corpus: str) -> pd.DataFrame:
    return pd.read_parquet(project / "data/07_model_output" / corpus / "main/test_subjects/generated_table.parquet")


def test_faceforensics_shows_the_expressions_of_mug(faceforensics: Path) -> None:
    scores = finetune(faceforensics, "faceforensics")
    table = generated(faceforensics, "faceforensics")
    assert sorted(table["label"]) == list(EXPRESSIONS)
    assert set(table["subject"]) == {"424"}, "the one test clip"
    for domain in ("faceforensics", "mug"):
        for decoder in ("original", "decoder"):
            for name in ("l1", "warp_l1", "sharpness", "label_accuracy"):
                assert np.isfinite(scores[f"domains.{domain}.{decoder}.{name}"])


def test_own_videos_take_the_labels_of_the_model_they_name(pets: Path) -> None:
    scores = finetune(pets, "pets")
    table = generated(pets, "pets")
    assert sorted(table["label"]) == list(EXPRESSIONS)
    assert set(table["subject"]) == {"bob"}
    assert np.isfinite(scores["domains.pets.decoder.l1"])
    assert "forgetting was not measured" in scores["domains.note"]
