"""Fabricated copies of the corpora, ingested as configured: which clips are kept, and which pixels of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clips.fabricated import FACE_CENTRE, GREY, NUMBER_STRIP
from tests.clips.numbered_videos import Frames, numbers_in
from tests.clips.sources.conf import configured_ingestion, parameters

from lfdm_pipeline.clips.sources import SourceOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.pipelines.ingestion.nodes import ingest_clips
from lfdm_pipeline.workspace import Workspace

Ingest = Callable[..., tuple[ClipStore, Any, dict[str, Any]]]


@pytest.fixture
def ingest(fabricated: Callable[[str], Path], tmp_path: Path) -> Ingest:
    """Ingests a fabricated corpus by the node, with the project's own configuration: store, table, report."""

    def run(corpus: str, copy: str | None = None) -> tuple[ClipStore, Any, dict[str, Any]]:
        source = SourceOptions(**parameters(corpus)["source"])
        # A small corpus with every oddity loses a large share of its clips.
        options = configured_ingestion(corpus).model_copy(update={"max_left_out": 0.5})
        store, table, report, _ = ingest_clips(fabricated(copy or corpus), source, options, Workspace(tmp_path, "test"))
        return store, table, report

    return run


def assert_shows(frames: Frames, numbers: list[int], rows: slice = slice(None), columns: slice = slice(None)) -> None:
    """The frames hold these numbers up to the edges of rows and columns, and nothing but black around."""
    assert frames.shape[1:] == (128, 128, 3)
    inside = frames[:, rows, columns]
    assert numbers_in(inside) == numbers
    stripe = inside.shape[2] // 8
    within = inside[:, [0, -1], stripe // 2 :: stripe]
    assert (np.abs(within.astype(int) - GREY) > 60).all()
    assert (np.abs(inside[:, :, [0, -1]].astype(int) - GREY) > 60).all()
    around = frames.copy()
    around[:, rows, columns] = 0
    assert around.max() == 0


def test_mug(ingest):
    store, table, report = ingest("mug")
    assert len(table) == report["kept"] == 10
    assert report["clips_by_split"] == {"test": 6, "train": 4}
    for clip_id, first in {
        "001_anger_take000": 0,
        "002_session1_fear_take000": 30,
        "006_session0_neutral": 40,
        "008_sadness_take000": 60,
    }.items():
        assert_shows(store[clip_id], list(range(first, first + 4)))
    assert set(table["fps"]) == {19.0}
    assert (report["listed"], len(report["left_out"])) == (14, 4)
    assert "clips with the same content: 017_anger_take000, 017_anger_take001" in report["findings"]
    assert any(finding.startswith("1 clip left out: unknown label 'mixed'") for finding in report["findings"])


def test_mhad(ingest):
    store, table, report = ingest("mhad")
    # The box of 336x480 becomes 90x128 between bars of 19 columns.
    for clip_id, first in {"a1_s1_t1": 40, "a8_s5_t2": 10, "a2_s4_t1": 20, "a27_s8_t3": 30}.items():
        assert_shows(store[clip_id], list(range(first, first + 5)), columns=slice(19, 109))
    assert len(table) == 4
    assert report["clips_by_split"] == {"test": 2, "train": 2}
    assert report["findings"][1] == (
        "silhouettes in 2 depth files lie within rows 0:480, columns 156:492; "
        "the configured crop is rows 0:480, columns 156:492"
    )


def test_natops(ingest):
    store, table, report = ingest("natops")
    expected = {
        "g01s02_r01": [0, 1, 2, 3],
        "g01s02_r02": [5, 6, 7, 8],
        "g02s03_r01": [82, 83, 84],
        "g02s03_r02": [89, 90, 91],
    }
    assert list(store) == list(table["clip_id"]) == list(expected)
    # The box of 260x229 becomes 128x113 between bars of 7 and 8 rows.
    for clip_id, numbers in expected.items():
        assert_shows(store[clip_id], numbers, rows=slice(7, 120))
    beyond = {each["clip_id"] for each in report["left_out"] if "are not within" in each["reason"]}
    assert beyond == {"g01s02_r03", "g01s03_r03"}


@pytest.mark.parametrize(
    ("copy", "numbers", "splits"),
    [
        ("faceforensics", {"000": 0, "003": 20, "017": 40, "424": 60}, ["train", "train", "val", "test"]),
        ("faceforensics_2018", {"-8k": 20, "_2v-Hh_1_0": 0, "a_-b": 40}, ["val", "train", "test"]),
    ],
)
def test_faceforensics(ingest, copy, numbers, splits):
    store, table, _ = ingest("faceforensics", copy)
    assert list(table["clip_id"]) == list(numbers)
    assert list(table["split"]) == splits
    assert table["label"].isna().all()
    for clip_id, first in numbers.items():
        frames = store[clip_id]
        # A square of 136 pixels with the face's centre at (0.505, 0.535) becomes one of 128.
        scale, left, top = 128 / 136, FACE_CENTRE[0] - 0.505 * 136, FACE_CENTRE[1] - 0.535 * 136
        edges = np.array([NUMBER_STRIP.left - left, NUMBER_STRIP.right - left]) * scale
        middle = round(((NUMBER_STRIP.top + NUMBER_STRIP.bottom) / 2 - top) * scale)
        strip = frames[:, middle - 1 : middle + 2, round(edges[0]) : round(edges[1])]
        assert numbers_in(strip) == list(range(first, first + 6))


def test_a_clip_without_a_face_is_reported(ingest):
    _, _, report = ingest("faceforensics")
    reasons = {each["clip_id"]: each["reason"] for each in report["left_out"]}
    assert reasons == {"071": "no face in any of 6 frames looked at", "999": "subject '999' is in no split"}
    assert "1 clip left out: no face in any of 6 frames looked at" in report["findings"]


def test_own_videos(ingest):
    store, table, report = ingest("own")
    assert table.set_index("clip_id")[["label", "subject", "num_frames"]].T.to_dict("list") == {
        "nod/Zoë/take.1": ["nod", "Zoë", 6],
        "nod/bob/1": ["nod", "bob", 1],
        "wave hands/Zoë/größer & weiter": ["wave hands", "Zoë", 5],
        "wave hands/bob/1": ["wave hands", "bob", 4],
    }
    assert_shows(store["nod/Zoë/take.1"], list(range(30, 36)), rows=slice(16, 112))
    assert_shows(store["wave hands/bob/1"], list(range(10, 14)), columns=slice(13, 115))
    unused, untested = report["findings"]
    assert unused == "files that are no clips and are not used (2): nod/Zoë/take.1/all.mp4, nod/Zoë/take.1/notes.txt"
    assert untested.startswith("no clip is in the test split")


def test_own_videos_by_a_table(ingest):
    store, table, report = ingest("own", "own_unlabelled")
    assert list(table["clip_id"]) == ["a", "deep/down"]
    assert table["label"].isna().tolist() == [False, True]
    assert_shows(store["deep/down"], list(range(30, 36)), rows=slice(16, 112))
    assert report["findings"] == [
        "clips that clips.csv does not name (1): forgotten.mp4",
        "files that are no clips and are not used (1): notes.txt",
    ]
