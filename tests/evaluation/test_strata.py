import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.evaluation.strata import drawn_anew, halves, strata

LABELS = st.lists(st.sampled_from(["nod", "turn", "smile", None]), min_size=1, max_size=30)


def counted(labels, positions):
    """How many clips at these positions each label with several clips has."""
    several = {label for label in labels if label is not None and labels.count(label) > 1}
    return {label: sum(labels[i] == label for i in positions) for label in several}


@given(LABELS)
def test_every_clip_is_in_one_stratum(labels):
    assert sorted(np.concatenate(strata(labels)).tolist()) == list(range(len(labels)))


@given(LABELS, st.integers(0, 9))
def test_drawn_anew_every_label_has_as_many_clips_as_before(labels, seed):
    drawn = drawn_anew(strata(labels), np.random.default_rng(seed)).tolist()
    assert len(drawn) == len(labels)
    assert counted(labels, drawn) == counted(labels, range(len(labels)))


@given(LABELS, st.integers(0, 9))
def test_halves_are_disjoint_and_share_every_label(labels, seed):
    first, second = (half.tolist() for half in halves(strata(labels), np.random.default_rng(seed)))
    assert sorted(first + second) == list(range(len(labels)))
    assert 0 <= len(first) - len(second) <= 1
    for label, count in counted(labels, first).items():
        assert abs(count - counted(labels, second)[label]) <= 1


def test_clips_alone_with_their_label_are_drawn_from_each_other():
    groups = strata(["nod", "nod", "turn", "smile", None])
    drawn = [drawn_anew(groups, np.random.default_rng(seed)) for seed in range(40)]
    assert {each for draw in drawn for each in draw[np.isin(draw, [0, 1], invert=True)].tolist()} == {2, 3, 4}
    assert any((draw == 2).sum() > 1 for draw in drawn)
