"""Clips made in parts, as several machines would, are those that one run makes."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from lfdm_pipeline.errors import InputError


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    import mlflow
    from kedro.framework.startup import bootstrap_project

    monkeypatch.chdir(project)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = list(logging.root.handlers)
    bootstrap_project(project)
    yield project
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


def run(project: Path, pipeline: str, image: str, **parameters: Any) -> None:
    from kedro.framework.session import KedroSession

    given = {"generation": {"image": image}, **parameters}
    with KedroSession.create(project, env="tiny", runtime_params=given) as session:
        session.run(pipeline_names=[pipeline])


def videos(project: Path, stem: str) -> dict[str, bytes]:
    videos = (folder_of(project, stem) / "clips/videos").glob("*.mp4")
    return {path.name.removeprefix(stem): path.read_bytes() for path in videos}


def folder_of(project: Path, stem: str) -> Path:
    [folder] = (project / "data/07_model_output/synthetic/main").glob(f"{stem}-*")
    return folder


def test_three_shards_make_what_one_run_makes_and_the_generation_only_seals_it(inside: Path) -> None:
    cv2.imwrite(str(inside / "parted.png"), np.full((32, 32, 3), 99, np.uint8))
    for number in (3, 1, 2):
        run(inside, "generation_shard", "parted.png", shard=f"{number}/3")
        assert len(videos(inside, "parted")) == {3: 2, 1: 4, 2: 6}[number]
    folder = folder_of(inside, "parted")
    assert not (folder / "clips/manifest.json").exists()
    before = {path: path.stat().st_mtime_ns for path in (folder / "clips/videos").iterdir()}
    run(inside, "generation", "parted.png")
    assert (folder / "clips/manifest.json").exists()
    assert {path: path.stat().st_mtime_ns for path in (folder / "clips/videos").iterdir()} == before


def test_the_devices_told_are_those_that_generated(inside: Path) -> None:
    cv2.imwrite(str(inside / "elsewhere.png"), np.full((32, 32, 3), 99, np.uint8))
    run(inside, "generation_shard", "elsewhere.png", shard="1/3")
    folder = folder_of(inside, "elsewhere")
    for timing in (folder / "clips/timing").iterdir():
        timing.write_text(json.dumps({"seconds": 1.0, "device": "a GPU elsewhere"}))
    run(inside, "generation", "elsewhere.png")
    timing = json.loads((folder / "generation_timing.json").read_text())
    here, elsewhere = timing["timing.ddim_2.device"].split("; ")
    assert elsewhere == "a GPU elsewhere"
    assert "thread" in here


def test_shards_of_another_configuration_are_not_mixed(inside: Path) -> None:
    cv2.imwrite(str(inside / "mixed.png"), np.full((32, 32, 3), 99, np.uint8))
    run(inside, "generation_shard", "mixed.png", shard="1/6")
    # As if they had been made by models that were trained otherwise: what the command says has a folder of its own.
    (folder_of(inside, "mixed") / "clips/.identity").write_text("of other models")
    with pytest.raises(InputError, match="another configuration"):
        run(inside, "generation_shard", "mixed.png", shard="2/6")
    assert len(videos(inside, "mixed")) == 1


def test_a_shard_must_be_named(inside: Path) -> None:
    cv2.imwrite(str(inside / "whole.png"), np.full((32, 32, 3), 99, np.uint8))
    with pytest.raises(InputError, match="shard=2/8"):
        run(inside, "generation_shard", "whole.png")
