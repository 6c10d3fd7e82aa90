"""One's own videos without labels: they serve the auto-encoder, and what needs labels says so."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from tests.clips.numbered_videos import encode, numbered_frames
from tests.pipelines.tiny_project import Project

from lfdm_pipeline.errors import InputError


@pytest.fixture
def run(tiny_project: Project, tmp_path: Path) -> Callable[..., None]:
    for name in ("ann", "bob", "cid"):
        encode(tmp_path / f"own/{name}.mp4", "h264", numbered_frames(5, 48, 64))
    source = {"name": "folder", "folder": {"layout": "clip", "test_subjects": ["cid"]}}

    def run(*pipelines: str) -> None:
        tiny_project.run(*pipelines, raw_root=str(tmp_path / "own"), source=source)

    return run


def test_unlabelled_videos_train_the_auto_encoder(run: Callable[..., None], tiny_project: Project) -> None:
    run("ingestion", "lfae_training")
    data = tiny_project.root / "data"
    table = pd.read_parquet(next(data.glob("02_intermediate/*/clip_table.parquet")))
    assert table["label"].isna().all()
    assert table["split"].tolist() == ["train", "train", "test"]
    assert list(data.glob("06_models/*/main/lfae/*.safetensors"))
    with pytest.raises(InputError, match="no clip has a label: label the corpus"):
        run("dm_training")
