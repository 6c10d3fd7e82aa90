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

    def run(*pipelines: str, test_subjects: tuple[str, ...] = ("cid",)) -> None:
        source = {"name": "folder", "folder": {"layout": "clip", "test_subjects": list(test_subjects)}}
        tiny_project.run(*pipelines, raw_root=str(tmp_path / "own"), source=source)

    return run


def test_unlabelled_videos_train_the_auto_encoder(run: Callable[..., None], tiny_project: Project) -> None:
    run("ingestion", "lfae_training")
    data = tiny_project.root / "data"
    table = pd.read_parquet(next(data.glob("02_intermediate/*/clip_table.parquet")))
    assert table["label"].isna().all()
    assert table["split"].tolist() == ["train", "train", "test"]
    assert list(data.glob("06_models/*/main/lfae/*.safetensors"))
    with pytest.raises(InputError, match="no training clip has a label: label the corpus"):
        run("dm_training")


def test_nobody_to_animate_is_said_before_anything_is_trained(run: Callable[..., None], tiny_project: Project) -> None:
    with pytest.raises(InputError, match=r"generation: no clip is in the test split, .*or give generation.image"):
        run(test_subjects=())
    data = tiny_project.root / "data"
    assert len(pd.read_parquet(next(data.glob("02_intermediate/*/clip_table.parquet")))) == 3, "clips are kept"
    assert not (data / "06_models").exists()
    run("lfae_training", test_subjects=())
    assert list(data.glob("06_models/*/main/lfae/*.safetensors"))


def test_missing_labels_are_said_before_anything_is_trained(run: Callable[..., None], tiny_project: Project) -> None:
    with pytest.raises(InputError, match="no training clip has a label: label the corpus, or run only the stages"):
        run()
    assert not (tiny_project.root / "data" / "06_models").exists()
