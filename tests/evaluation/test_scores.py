import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.scores import gather_scores


def test_scores_are_merged_and_sorted_with_their_notes():
    gathered = gather_scores({"b.x": 1.0}, {"a.y": 2}, notes={"b": "no truth"})
    assert list(gathered.items()) == [("a.y", 2), ("b.note", "no truth"), ("b.x", 1.0)]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_score_that_is_not_finite_is_named(value):
    with pytest.raises(InputError, match=r"flow\.epe is"):
        gather_scores({"flow.epe": value})


def test_a_name_comes_once():
    with pytest.raises(InputError, match=r"a\.x was measured twice"):
        gather_scores({"a.x": 1}, {"a.x": 1})
