from collections import Counter

from tests.clips.fabricated import tabulate_mhad
from tests.clips.sources.conf import configured_source


def test_reads_ids_from_names_wherever_they_lie(fabricated):
    survey = configured_source("mhad").survey(fabricated("mhad"))
    assert [(r.source, r.clip_id, r.label, r.subject, r.split) for r in survey.recordings] == [
        ("RGB/a1_s1_t1_color.avi", "a1_s1_t1", "right arm swipe to the left", "1", "train"),
        ("RGB-part4/RGB/a27_s8_t3_color.avi", "a27_s8_t3", "squat", "8", "test"),
        ("RGB-part2/A2_S4_T1_color.AVI", "a2_s4_t1", "right arm swipe to the right", "4", "test"),
        ("RGB-part1/a8_s5_t2_color.avi", "a8_s5_t2", "draw x", "5", "train"),
    ]
    assert survey.depth_files == ("Depth/Depth/a1_s1_t1_depth.mat", "Depth/Depth/a2_s4_t1_depth.mat")


def test_names_what_it_does_not_use_and_what_is_not_there(fabricated):
    survey = configured_source("mhad").survey(fabricated("mhad"))
    assert [(each.source, each.reason) for each in survey.left_out] == [
        ("RGB/a28_s1_t1_color.avi", "unknown label: action 28 is none of the 27 that are named"),
        ("RGB/a3_s9_t1_color.avi", "subject '9' is in no split"),
        ("RGB/preview.avi", "not named like a1_s1_t1_color.avi"),
        ("RGB-part1/a1_s1_t1_color.avi", "there is another a1_s1_t1, from RGB/a1_s1_t1_color.avi"),
    ]
    assert survey.findings == (
        "clips of the corpus that are not there (857): a1_s1_t2, a1_s1_t3, a1_s1_t4, a1_s2_t1, a1_s2_t2, …",
    )


def test_counts_of_the_whole_corpus(tmp_path):
    tabulate_mhad(tmp_path)
    survey = configured_source("mhad").survey(tmp_path)
    assert Counter(r.split for r in survey.recordings) == {"train": 431, "test": 430}
    assert len({r.label for r in survey.recordings}) == 27
    # The three that were never recorded are no finding.
    assert survey.left_out == survey.findings == ()
