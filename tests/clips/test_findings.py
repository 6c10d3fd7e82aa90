import pandas as pd

from lfdm_pipeline.clips.findings import findings, nobody_to_test
from lfdm_pipeline.clips.sources.base import LeftOut


def table(*rows):
    return pd.DataFrame(rows, columns=["clip_id", "label", "subject", "split"])


def found(clips, digests=None, left_out=()):
    return list(findings(clips, digests or {clip_id: clip_id for clip_id in clips["clip_id"]}, left_out))


def test_an_orderly_corpus_has_none():
    assert found(table(("a", "nod", "ann", "train"), ("b", "nod", "bob", "test"))) == []


def test_a_subject_in_several_splits():
    clips = table(("a", "nod", "ann", "train"), ("b", "nod", "ann", "val"), ("c", "nod", "ann", "test"))
    assert found(clips) == ["subject 'ann' is in more than one split: test, train, val"]


def test_copies_are_worse_across_labels_and_splits():
    clips = table(
        ("a", "nod", "ann", "train"),
        ("b", "nod", "ann", "train"),
        ("c", "nod", "ann", "train"),
        ("d", "turn", "bob", "test"),
        ("e", None, "cid", "test"),
        ("f", None, "cid", "test"),
    )
    digests = {"a": "1", "b": "1", "c": "2", "d": "2", "e": "3", "f": "3"}
    assert found(clips, digests) == [
        "clips with the same content: a, b",
        "clips with the same content under another label and split: c, d",
        "clips with the same content: e, f",
    ]


def test_what_was_left_out_is_counted_by_reason():
    left_out = [LeftOut(f"{n}.avi", str(n), "unknown label 'x'") for n in range(3)]
    left_out.append(LeftOut("z.avi", "z", "z.avi is damaged"))
    assert found(table(("a", "nod", "ann", "train")), left_out=left_out) == [
        "3 clips left out: unknown label 'x'",
        "1 clip left out: z.avi is damaged",
    ]


def test_clips_that_vanished_are_named():
    vanished = [f"old{number}" for number in range(7)]
    lines = findings(table(("a", "nod", "ann", "train")), {"a": "a"}, (), vanished)
    assert list(lines) == ["clips that the corpus had before (7): old0, old1, old2, old3, old4, …"]


def test_very_many_reasons_are_not_all_repeated():
    left_out = [LeftOut(f"{n}.avi", str(n), f"{n}.avi is damaged") for n in range(50)]
    lines = found(table(("a", "nod", "ann", "train")), left_out=left_out)
    assert len(lines) == 21
    assert lines[-1] == "clips left out for 30 other reasons, see left_out"


def test_a_corpus_without_test_clips_says_what_to_set():
    (finding,) = nobody_to_test(table(("a", "nod", "ann", "train"), ("b", "nod", "bob", "val")))
    assert finding.startswith(
        "no clip is in the test split, so there is nobody to generate clips for and nothing to score"
    )
    assert "source.folder.test_subjects" in finding
    assert list(nobody_to_test(table(("a", "nod", "ann", "train"), ("b", "nod", "bob", "test")))) == []
