import numpy as np
import pandas as pd
import pytest

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.evaluation.diversity import diversity_scores


def table(*rows):
    return pd.DataFrame(rows, columns=["name", "origin", "label"])


@pytest.fixture
def flows(tmp_path):
    store = FlowStore(tmp_path)
    for name, shift in (("a", 0.0), ("b", 0.25), ("c", 0.5)):
        displacement = np.zeros((3, 2, 4, 4))
        displacement[:, 0] = shift
        store.write(name, displacement, np.ones((3, 1, 4, 4)))
    return store


def level(value):
    return np.full((3, 8, 8, 3), value, np.uint8)


CLIPS = {"a": level(0), "b": level(51), "c": level(102)}


def test_known_differences_are_averaged_over_pairs_of_one_condition(flows):
    scores = diversity_scores(
        CLIPS, flows, table(("a", "x", "nod"), ("b", "x", "nod"), ("c", "x", "nod")), 3, image_size=(9, 9)
    )
    assert scores["generation.diversity_l1"] == pytest.approx((0.2 + 0.2 + 0.4) / 3)
    assert scores["generation.diversity_motion"] == pytest.approx((1 + 1 + 2) / 3, rel=1e-3)
    assert scores["generation.diversity_conditions"] == 1


def test_equal_samples_have_none_and_other_conditions_do_not_count(flows):
    rows = table(("a", "x", "nod"), ("a", "x", "nod"), ("b", "x", "turn"), ("c", "y", "nod"))
    scores = diversity_scores(CLIPS, flows, rows, 3, image_size=(9, 9))
    assert scores["generation.diversity_l1"] == scores["generation.diversity_motion"] == 0
    assert scores["generation.diversity_conditions"] == 1


def test_one_sample_a_condition_is_said_and_not_scored(flows):
    scores = diversity_scores(CLIPS, flows, table(("a", "x", "nod"), ("b", "x", "turn")), 3, image_size=(9, 9))
    assert set(scores) == {"generation.diversity_note"}
    assert "generation.per_reference" in scores["generation.diversity_note"]
