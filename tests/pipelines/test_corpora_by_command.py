"""The real command on fabricated corpora: what ingestion leaves, and what it says where a corpus is not."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from tests.clips.fabricated import CORPORA, make_mug
from tests.pipelines.new_domain_project import bootstrapped, lay_out, run_project

from lfdm_pipeline.clips.store import ClipStore

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own configuration, with a fabricated MUG where it belongs."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(PROJECT / "conf", root / "conf", ignore=shutil.ignore_patterns("local"))
    for name in ("pyproject.toml", ".telemetry"):
        shutil.copy(PROJECT / name, root)
    (root / "src").mkdir()
    make_mug(root / "data/01_raw/mug")
    return root


def ingest(project: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kedro", "run", "--pipelines", "ingestion", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", **variables}
    environment.pop("MLFLOW_TRACKING_URI", None)
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


def test_a_corpus_is_ingested_from_where_it_belongs(project: Path) -> None:
    done = ingest(project, "--env", "mug")
    assert done.returncode == 0, done.stdout + done.stderr
    kept = project / "data/02_intermediate/mug"
    table = pd.read_parquet(kept / "clip_table.parquet")
    assert table["split"].value_counts().to_dict() == {"test": 6, "train": 4}
    assert set(table["label"]) == {"anger", "fear", "happiness", "neutral", "disgust", "sadness", "surprise"}
    assert ClipStore(kept / "clips")["008_sadness_take000"].shape == (4, 128, 128, 3)
    report = json.loads((kept / "ingestion_report.json").read_text())
    assert report["kept"] == 10
    assert any("unknown label 'mixed'" in finding for finding in report["findings"])
    assert (kept / "contact_sheet.png").stat().st_size > 0


def test_a_missing_corpus_is_one_line_that_says_where_to_put_it(project: Path) -> None:
    done = ingest(project, "--env", "mhad", LFDM_RAW="/nowhere")
    assert done.returncode != 0
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert "no UTD-MHAD in /nowhere/mhad: put RGB-part1 to RGB-part4" in errors[0]
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("corpus", ["mhad", "natops", "faceforensics", "own"])
def test_every_corpus_is_ingested_as_configured(
    corpus: str, tmp_path: Path, empty_mlflow_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A small corpus with every oddity loses a large share of its clips.
    root = lay_out(tmp_path, corpus, {"ingestion": {"max_left_out": 0.5}})
    CORPORA[corpus](tmp_path / "corpora" / corpus)
    monkeypatch.setenv("LFDM_RAW", str(tmp_path / "corpora"))
    kept = root / "data/02_intermediate" / corpus
    reports = []
    with bootstrapped(root, empty_mlflow_database):
        for _ in range(2):
            run_project(root, corpus, "ingestion")
            reports.append(json.loads((kept / "ingestion_report.json").read_text()))
    assert [report["kept"] for report in reports] == [4, 4]
    assert [report["decoded"] for report in reports] == [4, 0]
    table = pd.read_parquet(kept / "clip_table.parquet")
    assert all(ClipStore(kept / "clips")[clip_id].shape[1:] == (128, 128, 3) for clip_id in table["clip_id"])
