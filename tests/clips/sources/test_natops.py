from collections import Counter

import pytest
from tests.clips.fabricated import tabulate_natops
from tests.clips.sources.conf import configured_source, parameters

from lfdm_pipeline.clips.sources.natops import NatopsOptions, NatopsSource
from lfdm_pipeline.errors import InputError


def test_reads_ids_and_bounds_from_the_lines(fabricated):
    survey = configured_source("natops").survey(fabricated("natops"))
    assert [
        (r.source, r.clip_id, r.label, r.subject, r.split, r.first_frame, r.last_frame) for r in survey.recordings
    ] == [
        ("data/gesture01/g01s02.avi", "g01s02_r01", "I Have Command", "2", "test", 0, 3),
        ("data/gesture01/g01s02.avi", "g01s02_r02", "I Have Command", "2", "test", 5, 8),
        # Whether a segment lies within its video is seen when that is decoded.
        ("data/gesture01/g01s02.avi", "g01s02_r03", "I Have Command", "2", "test", 29, 32),
        ("data/gesture01/g01s03.avi", "g01s03_r03", "I Have Command", "3", "train", 27, 30),
        ("data/gesture02/g02s03.avi", "g02s03_r01", "All Clear", "3", "train", 2, 4),
        ("data/gesture02/g02s03.avi", "g02s03_r02", "All Clear", "3", "train", 9, 11),
    ]


def test_names_what_it_does_not_use(fabricated):
    survey = configured_source("natops").survey(fabricated("natops"))
    assert [(each.clip_id, each.reason) for each in survey.left_out] == [
        ("g01s01_r01", "subject '1' is in no split"),
        ("g01s03_r01", "the annotation says frames 0 to 3, counted from 1"),
        ("g01s03_r02", "the annotation says frames 9 to 7, counted from 1"),
        ("g01s04_r01", "the video g01s04.avi is not there"),
        ("g01s04_r02", "the video g01s04.avi is not there"),
    ]
    other, odd, unannotated, absent, zero = survey.findings
    assert other == "videos not named like g01s01.avi are not used (1): data/overview.avi"
    assert odd == (
        "lists of repetitions with another number than announced (2): gesture 1 of subject 2, gesture 1 of subject 3"
    )
    assert unannotated == "videos that segmentation.txt says nothing of (1): data/gesture02/g02s05.avi"
    assert absent.startswith("listed subjects without clips (17): 4, 8, ")
    assert zero == "segmentation.txt speaks of frame 0: source.natops.first_frame may have to be 0"


def test_frames_can_be_counted_from_0(fabricated):
    options = NatopsOptions(**parameters("natops")["source"]["natops"] | {"first_frame": 0})
    survey = NatopsSource(options).survey(fabricated("natops"))
    bounds = {r.clip_id: (r.first_frame, r.last_frame) for r in survey.recordings}
    assert bounds["g01s03_r01"] == (0, 3)
    assert bounds["g01s02_r01"] == (1, 4)


def test_counts_of_the_whole_corpus(tmp_path):
    tabulate_natops(tmp_path)
    survey = configured_source("natops").survey(tmp_path)
    assert Counter(r.split for r in survey.recordings) == {"train": 4800, "test": 4320}
    assert len({r.label for r in survey.recordings}) == 24
    assert Counter(each.reason for each in survey.left_out) == {"subject '1' is in no split": 480}
    assert survey.findings == ()


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("1,1,1\n1:5\n", r"segmentation\.txt, line 2: '1:5' is no"),
        ("1:1,5\n", r"line 1: '1:1,5'"),
        (None, r"one segmentation\.txt"),
    ],
)
def test_a_wrong_annotation_is_an_error(tmp_path, annotation, message):
    (tmp_path / "g01s02.avi").touch()
    if annotation is not None:
        (tmp_path / "segmentation.txt").write_text(annotation)
    with pytest.raises(InputError, match=message):
        configured_source("natops").survey(tmp_path)
