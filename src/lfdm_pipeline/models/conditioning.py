"""Condition vectors: one for each label, computed once and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options


class ConditioningOptions(Options):
    """Where condition vectors come from."""

    encoder: Literal["labels", "bert"] = "labels"
    """labels: a fixed random vector for each; bert: the paper's text encoder (extra `bert`)."""
    bert_model: str = "bert-base-cased"
    """Name or folder of the BERT model."""


@dataclass(frozen=True)
class ConditionVectors:
    """One vector for each label.

    Attributes:
        labels: L labels.
        vectors: Shape (L, D), rows in the order of the labels.
    """

    labels: tuple[str, ...]
    vectors: Tensor

    def __getitem__(self, label: str) -> Tensor:
        """Return the vector (D,) of a label.

        Raises:
            InputError: There is no such label.
        """
        if label not in self.labels:
            raise InputError(f"unknown label {label!r}; the labels are {', '.join(self.labels)}")
        return self.vectors[self.labels.index(label)]

    def by_label(self) -> dict[str, npt.NDArray[np.float32]]:
        """Return each label's vector (D,)."""
        return {label: self.vectors[i].numpy() for i, label in enumerate(self.labels)}


def condition_vectors(labels: Sequence[str], dim: int, options: ConditioningOptions, seed: int) -> ConditionVectors:
    """Return vectors of length `dim` for the labels, from the encoder chosen.

    Raises:
        InputError: BERT is chosen and not installed, not found, or not of this length.
    """
    if options.encoder == "labels":
        return label_vectors(labels, dim, seed)
    vectors = bert_vectors(labels, options.bert_model)
    if vectors.vectors.shape[1] != dim:
        raise InputError(
            f"{options.bert_model} gives vectors of {vectors.vectors.shape[1]} entries: set "
            f"dm.model.denoiser.condition_dim to that, it is {dim}"
        )
    return vectors


def label_vectors(labels: Sequence[str], dim: int, seed: int) -> ConditionVectors:
    """Return independent standard normal vectors, nearly orthogonal to each other for any useful `dim`.

    They stay fixed: the linear layers that read them learn what a table would.
    """
    generator = torch.Generator().manual_seed(seed)
    return ConditionVectors(tuple(labels), torch.randn(len(labels), dim, generator=generator))


def bert_vectors(labels: Sequence[str], model: str) -> ConditionVectors:
    """Return the mean of BERT's last hidden states over the tokens after [CLS], padding out (CVPR 2023).

    Raises:
        InputError: transformers is not installed, or the model cannot be found.
    """
    try:
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise InputError("conditioning.encoder=bert needs the extra: pip install 'lfdm_pipeline[bert]'") from error
    try:
        tokenizer, bert = AutoTokenizer.from_pretrained(model), AutoModel.from_pretrained(model).eval()
    except (OSError, ValueError) as error:
        raise InputError(f"no BERT model {model!r}: {str(error).splitlines()[0]}") from error
    tokens = tokenizer([label.replace("_", " ") for label in labels], return_tensors="pt", padding=True)
    with torch.inference_mode():
        hidden = bert(**tokens).last_hidden_state[:, 1:]
    kept = tokens["attention_mask"][:, 1:, None]
    return ConditionVectors(tuple(labels), ((hidden * kept).sum(1) / kept.sum(1)).clone())
