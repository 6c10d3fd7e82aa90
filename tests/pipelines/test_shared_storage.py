"""Stages that meet on storage which none of them is on."""

from pathlib import Path
from uuid import uuid4

import pytest
from tests.pipelines.tiny_project import Project

from lfdm_pipeline.datasets.status import statuses
from lfdm_pipeline.hooks.project import lineage_of
from lfdm_pipeline.storage import to_path

STAGES = ("ingestion", "lfae_training", "latent_extraction", "dm_training", "generation", "evaluation", "showcase")


def test_every_stage_by_a_machine_of_its_own(
    tiny_project: Project, s3_bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = f"{s3_bucket}/{uuid4().hex}"
    for stage in STAGES:
        # What a machine keeps of what it read is its own.
        monkeypatch.setenv("LFDM_CACHE", str(tmp_path / stage))
        tiny_project.run(stage, data=data)
    # Only what MLflow keeps lies here.
    assert [path.name for path in (tiny_project.root / "data").iterdir()] == ["mlflow"]
    variant = to_path(f"{data}/08_reporting/synthetic/main")
    assert "data:video/mp4;base64," in (variant / "report.html").read_text()
    assert (variant / "showcase").is_dir()
    # Every machine fetched what it needed, and no machine anything that it did not.
    assert len(list((tmp_path / "dm_training").rglob("*.npy"))) > len(list((tmp_path / "lfae_training").rglob("*.npy")))
    assert not (tmp_path / "ingestion").exists()
    there = {each.entry: each for each in statuses(lineage_of(tiny_project.root, "tiny", {"data": data}))}
    made = {entry for entry, each in there.items() if each.state == "present"}
    assert {"clips", "lfae", "latent_flows", "dm", "generated_clips", "scores", "report"} <= made
    assert not [entry for entry, each in there.items() if each.state == "out of date"]
    assert there["latent_flows"].pieces == 12, "a file a clip"
    assert all(there[entry].size > 0 for entry in made)
