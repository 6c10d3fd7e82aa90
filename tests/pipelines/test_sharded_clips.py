"""Ingestion and extraction by three machines over shared storage."""

import json
import logging
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.pipelines.tiny_project import TINY, make_project

from lfdm_pipeline.errors import InputError

SHARDS = ("1/3", "2/3", "3/3")


@dataclass(frozen=True)
class Project:
    """The tiny project, run within the test's own process."""

    root: Path

    def run(self, *pipelines: str, **parameters: Any) -> None:
        from kedro.framework.project import settings

        with settings.SESSION_CLASS.create(self.root, env="tiny", runtime_params=parameters) as session:
            session.run(pipeline_names=list(pipelines))


@pytest.fixture
def tiny_project(tmp_path: Path, mlflow_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    from kedro.framework.startup import bootstrap_project

    root = make_project(tmp_path / "project")
    smaller = "train_subjects: 1, test_subjects: 1, min_frames: 4, max_frames: 6"
    tiny = TINY.replace("train_subjects: 2, test_subjects: 1, min_frames: 6, max_frames: 8", smaller)
    assert smaller in tiny
    (root / "conf" / "tiny" / "parameters.yml").write_text(tiny)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = list(logging.root.handlers)
    bootstrap_project(root)
    yield Project(root)
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.npy")}


def test_three_shards_put_together_equal_one_run(tiny_project: Project) -> None:
    root, raw = tiny_project.root, {"raw_root": "raw"}
    # Clip by clip: which clips share a batch moves the last bit of a value now and then.
    alone = {"batch_frames": 1}
    tiny_project.run("ingestion", "lfae_training", "latent_extraction", data="whole", extraction=alone, **raw)
    for shard in SHARDS:
        tiny_project.run("ingestion", ingestion={"shard": shard}, **raw)
    parts = root / "data/02_intermediate/synthetic/shards"
    tables = [pd.read_parquet(parts / f"{number}_of_3/clip_table.parquet") for number in (1, 2, 3)]
    assert [len(table) for table in tables] == [4, 4, 4]

    tiny_project.run("ingestion", **raw)
    made, whole = root / "data/02_intermediate/synthetic", root / "whole/02_intermediate/synthetic"
    assert json.loads((made / "ingestion_report.json").read_text())["decoded"] == 0
    assert content(made / "clips") == content(whole / "clips")
    assert len(content(made / "clips")) == 12
    pd.testing.assert_frame_equal(
        pd.read_parquet(made / "clip_table.parquet"), pd.read_parquet(whole / "clip_table.parquet")
    )
    assert (made / "contact_sheet.png").read_bytes() == (whole / "contact_sheet.png").read_bytes()

    shutil.copytree(root / "whole/06_models", root / "data/06_models")
    for shard in SHARDS:
        tiny_project.run("latent_extraction", extraction={"shard": shard, **alone}, **raw)
    tiny_project.run("latent_extraction", extraction=alone, **raw)
    flows = root / "data/04_feature/synthetic/main"
    assert content(flows / "latent_flows") == content(root / "whole/04_feature/synthetic/main/latent_flows")
    part = next((flows / "shards/1_of_3/latent_flows").rglob("*.npy"))
    assert part.samefile(flows / "latent_flows" / part.name), "put together, not made again, and no second copy"


def test_what_a_shard_did_not_finish_is_made_where_the_parts_are_put_together(tiny_project: Project) -> None:
    def ingest(**parameters: Any) -> dict[str, Any]:
        tiny_project.run("ingestion", **parameters)
        report = tiny_project.root / "data/02_intermediate/synthetic/ingestion_report.json"
        return dict(json.loads(report.read_text())) if report.exists() else {}

    for shard in SHARDS:
        ingest(ingestion={"shard": shard})
    killed = tiny_project.root / "data/02_intermediate/synthetic/shards/2_of_3/clips"
    (killed / "manifest.json").unlink()
    report = ingest()
    assert (report["decoded"], report["kept"]) == (4, 12)
    with pytest.raises(InputError, match="ingestion.shard 99/99: there are only 12 files"):
        ingest(ingestion={"shard": "99/99"})
