import sys
from types import SimpleNamespace

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
    with pytest.raises(InputError, match=r"conditioning\.encoder=bert .*lfdm_pipeline\[bert\]"):
        condition_vectors(LABELS, 768, ConditioningOptions(encoder="bert"), seed=0)


IDS = {"[CLS]": 100, "[SEP]": 2, "[PAD]": 50, "nod": 4, "turn": 7, "left": 9}


class Bert:
    """A tokenizer and a model whose hidden state is each token's number."""

    from_pretrained = classmethod(lambda cls, name: cls())

    def eval(self) -> "Bert":
        return self

    def __call__(
        self,
        texts: list[str] | None = None,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        **options: object,
    ) -> object:
        if input_ids is not None:
            return SimpleNamespace(last_hidden_state=input_ids[..., None].float().expand(-1, -1, 8))
        assert texts is not None
        words = [["[CLS]", *text.split(), "[SEP]"] for text in texts]
        longest = max(map(len, words))
        rows = [[IDS[word] for word in row] + [IDS["[PAD]"]] * (longest - len(row)) for row in words]
        mask = [[1] * len(row) + [0] * (longest - len(row)) for row in words]
        return {"input_ids": torch.tensor(rows), "attention_mask": torch.tensor(mask)}


@pytest.fixture
def bert(monkeypatch: pytest.MonkeyPatch) -> ConditioningOptions:
    monkeypatch.setitem(sys.modules, "transformers", SimpleNamespace(AutoTokenizer=Bert, AutoModel=Bert))
    return ConditioningOptions(encoder="bert")


def test_bert_vectors_are_means_over_the_tokens_after_the_first_without_padding(bert: ConditioningOptions) -> None:
    vectors = condition_vectors(("nod", "turn_left"), 8, bert, seed=0)
    torch.testing.assert_close(vectors["nod"], torch.full((8,), (4 + 2) / 2))
    torch.testing.assert_close(vectors["turn_left"], torch.full((8,), (7 + 9 + 2) / 3))


def test_bert_vectors_of_another_length_than_the_denoisers_are_refused(bert: ConditioningOptions) -> None:
    with pytest.raises(
        InputError, match=r"vectors of 8 entries: set dm\.model\.denoiser\.condition_dim to that, it is 768"
    ):
        condition_vectors(("nod",), 768, bert, seed=0)
