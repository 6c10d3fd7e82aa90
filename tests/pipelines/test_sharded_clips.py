"""Ingestion and extraction by three machines over shared storage."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.pipelines.tiny_project import Project

from lfdm_pipeline.errors import InputError

SHARDS = ("1/3", "2/3", "3/3")


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
    with pytest.raises(InputError, match=r"ingestion\.shard 99/99: there are only 12 files"):
        ingest(ingestion={"shard": "99/99"})


def test_nothing_goes_on_from_a_part_as_if_it_were_the_whole(tiny_project: Project) -> None:
    for pipelines in ((), ("latent_extraction", "dm_training")):
        with pytest.raises(InputError, match=r"extraction\.shard is 1/3: .* add --pipelines latent_extraction"):
            tiny_project.run(*pipelines, extraction={"shard": "1/3"})
    assert not (tiny_project.root / "data/01_raw").exists()
