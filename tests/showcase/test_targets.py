import pytest

from lfdm_pipeline.showcase.targets import Target, judge

SCORES = {"a.l1": 0.2, "a.copy_l1": 0.5, "b.accuracy": 0.9, "b.note": "words", "c.zero": 0.0}


def judged(**bounds):
    return judge([Target(title="t", **bounds)], SCORES)[0]


@pytest.mark.parametrize(
    ("bounds", "met", "words"),
    [
        ({"score": "a.l1", "relative_to": "a.copy_l1", "at_most": 0.4}, True, "at most 0.4"),
        ({"score": "a.l1", "relative_to": "a.copy_l1", "at_most": 0.39}, False, "at most 0.39"),
        ({"score": "b.accuracy", "at_least": 0.9}, True, "at least 0.9"),
        ({"score": "b.accuracy", "at_least": 0.75, "at_most": 0.8}, False, "0.75 to 0.8"),
    ],
)
def test_bounds_hold_inclusively(bounds, met, words):
    assert judged(**bounds).met is met
    assert judged(**bounds).bounds == words


@pytest.mark.parametrize(
    "bounds",
    [
        {"score": "absent"},
        {"score": "b.note"},
        {"score": "a.l1", "relative_to": "absent"},
        {"score": "a.l1", "relative_to": "c.zero"},
    ],
)
def test_what_was_not_measured_is_not_met(bounds):
    assert judged(**bounds).value is None
    assert not judged(**bounds).met
