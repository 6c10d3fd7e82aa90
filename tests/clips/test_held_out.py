import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.held_out import about_subject, about_tests, shared_subjects

SPLITS = st.sampled_from(["train", "val", "test"])


def clip_table(*rows):
    return pd.DataFrame(rows, columns=["subject", "split"])


@given(st.lists(st.tuples(st.sampled_from("abc"), SPLITS), min_size=1))
def test_that_subjects_are_new_is_said_only_where_it_is_so(rows):
    table = clip_table(*rows)
    people = {split: {subject for subject, its in rows if its == split} for split in ("train", "test")}
    shared = people["train"] & people["test"]
    assert shared_subjects(table) == sorted(shared)
    assert ("in no training clip" in about_tests(table)) <= (not shared)
    for subject in people["test"]:
        assert ("in no training clip" in about_subject(table, subject)) <= (subject not in people["train"])


def test_shared_subjects_are_named():
    table = clip_table(("ann", "train"), ("ann", "test"), ("bob", "test"))
    assert about_tests(table) == (
        "The test clips were not used in training, but of the 2 subjects in them 1 is in training clips, too: ann."
    )
    assert "but the subject in them is in training clips, too: ann." in about_tests(table[table["subject"] == "ann"])
    assert "other clips of this subject were" in about_subject(table, "ann")
    assert about_subject(table, "bob") == "This subject is in no training clip."


def test_of_many_shared_subjects_a_few_are_named():
    names = [f"s{n}" for n in range(9)]
    words = about_tests(clip_table(*((name, split) for name in names for split in ("train", "test"))))
    assert words.endswith("9 are in training clips, too: s0, s1, s2, s3, s4, ….")


def test_where_every_clip_is_a_subject_of_its_own_nothing_is_claimed_of_people():
    table = clip_table(("1", "train"), ("2", "test"), ("3", "test"))
    assert "is not known" in about_tests(table)
    assert about_subject(table, "2") == "The clip that the picture is from was not used in training."


@pytest.mark.parametrize("subject", ["face", "own.jpg"])
def test_nothing_is_said_of_a_picture_from_elsewhere(subject):
    assert about_subject(clip_table(("1", "train"), ("1", "train")), subject) == ""
    assert about_tests(clip_table(("1", "train"))) == ""
