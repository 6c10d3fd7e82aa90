import sys

import numpy as np
import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.conditioning import ConditioningOptions, condition_vectors, label_vectors

LABELS = ("nod", "turn", "smile")


def test_label_vectors_are_fixed_by_the_seed() -> None:
    assert torch.equal(label_vectors(LABELS, 8, seed=1).vectors, label_vectors(LABELS, 8, seed=1).vectors)
    assert not torch.equal(label_vectors(LABELS, 8, seed=1).vectors, label_vectors(LABELS, 8, seed=2).vectors)


def test_label_vectors_are_nearly_orthogonal_and_of_unit_variance() -> None:
    vectors = label_vectors(LABELS, 768, seed=0).vectors
    gram = vectors @ vectors.T / 768
    torch.testing.assert_close(gram, torch.eye(3), atol=0.15, rtol=0)


def test_each_label_has_its_own_row() -> None:
    conditions = condition_vectors(LABELS, 8, ConditioningOptions(), seed=0)
    assert conditions.labels == LABELS
    assert torch.equal(conditions["turn"], conditions.vectors[1])
    np.testing.assert_array_equal(conditions.by_label()["smile"], conditions.vectors[2].numpy())


def test_an_unknown_label_names_the_known_ones() -> None:
    with pytest.raises(InputError, match=r"'jump'.*nod, turn, smile"):
        label_vectors(LABELS, 8, seed=0)["jump"]


def test_bert_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(InputError, match=r"lfdm_pipeline\[bert\]"):
        condition_vectors(LABELS, 768, ConditioningOptions(encoder="bert"), seed=0)
