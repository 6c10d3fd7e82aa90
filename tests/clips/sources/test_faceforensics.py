import json
from collections import Counter
from shutil import copytree

import pytest
from tests.clips.fabricated import (
    tabulate_faceforensics,
    write_pairs,
)
from tests.clips.sources.conf import configured_source

from lfdm_pipeline.clips.sources.faceforensics import FaceForensicsOptions, FaceForensicsSource
from lfdm_pipeline.errors import InputError


def test_reads_originals_by_id(fabricated):
    survey = configured_source("faceforensics").survey(fabricated("faceforensics"))
    assert [(r.clip_id, r.label, r.subject, r.split) for r in survey.recordings] == [
        ("000", None, "000", "train"),
        ("003", None, "003", "train"),
        ("017", None, "017", "val"),
        ("071", None, "071", "train"),
        ("424", None, "424", "test"),
    ]
    assert survey.recordings[0].source == "original_sequences/youtube/c23/videos/000.mp4"
    assert [(each.clip_id, each.reason) for each in survey.left_out] == [("999", "subject '999' is in no split")]
    assert survey.findings == (
        "videos that the splits name and that are not there (3): 018, 072, 425",
        "videos that are no originals and are not used (1): manipulated_sequences/Deepfakes/c23/videos/000_003.mp4",
    )


def test_reads_the_layout_of_2018(fabricated):
    survey = configured_source("faceforensics").survey(fabricated("faceforensics_2018"))
    assert [(r.source, r.clip_id, r.subject, r.split) for r in survey.recordings] == [
        ("val/original/-8k.avi", "-8k", "-8k", "val"),
        ("train/original/_2v-Hh_1_0.avi", "_2v-Hh_1_0", "_2v-Hh_1_0", "train"),
        ("test/original/a_-b.AVI", "a_-b", "a_-b", "test"),
    ]
    assert survey.left_out == ()
    assert survey.findings == ("videos that are no originals and are not used (1): train/altered/_2v-Hh_1_0.avi",)


def test_counts_of_the_whole_corpus(tmp_path):
    tabulate_faceforensics(tmp_path)
    survey = configured_source("faceforensics").survey(tmp_path)
    assert Counter(r.split for r in survey.recordings) == {"train": 720, "val": 140, "test": 140}
    assert survey.left_out == survey.findings == ()


def test_an_id_in_two_splits_is_left_out(fabricated, tmp_path):
    copytree(fabricated("faceforensics"), tmp_path, dirs_exist_ok=True)
    write_pairs(tmp_path, {"test": [["424", "000"]]})
    survey = configured_source("faceforensics").survey(tmp_path)
    assert [r.clip_id for r in survey.recordings] == ["003", "017", "071", "424"]
    assert survey.left_out[0].reason == "id 000 is in more than one split: test, train"


def test_one_of_several_compressions_is_chosen(fabricated, tmp_path):
    copytree(fabricated("faceforensics"), tmp_path, dirs_exist_ok=True)
    raw = tmp_path / "original_sequences/youtube/raw/videos/000.mp4"
    raw.parent.mkdir(parents=True)
    raw.touch()
    with pytest.raises(InputError, match=r"is there as c23, raw: set source\.faceforensics\.compression"):
        FaceForensicsSource(FaceForensicsOptions()).survey(tmp_path)
    survey = FaceForensicsSource(FaceForensicsOptions(compression="raw")).survey(tmp_path)
    assert [r.source for r in survey.recordings] == ["original_sequences/youtube/raw/videos/000.mp4"]


@pytest.mark.parametrize("content", ["{", '{"a": 1}', json.dumps([["000", "1"]]), json.dumps(["000"])])
def test_a_wrong_split_file_is_named(fabricated, tmp_path, content):
    copytree(fabricated("faceforensics"), tmp_path, dirs_exist_ok=True)
    (tmp_path / "val.json").write_text(content)
    with pytest.raises(InputError, match=r"val\.json is no list of pairs"):
        configured_source("faceforensics").survey(tmp_path)


def test_a_missing_split_file_is_named(fabricated, tmp_path):
    copytree(fabricated("faceforensics"), tmp_path, dirs_exist_ok=True)
    (tmp_path / "test.json").unlink()
    with pytest.raises(InputError, match=r"no test\.json in .*dataset/splits"):
        configured_source("faceforensics").survey(tmp_path)
