"""Features of many clips, one batch of frames in memory at a time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from lfdm_pipeline.errors import InputError

Describe = Callable[[Tensor], Tensor]
"""Clips (B, 3, K, H, W) in [0, 1] to features (B, D)."""


@dataclass(frozen=True)
class ClipFeatures:
    """Features (N, D) of N clips, with the label and the subject of each; where a clip has no label it is None.

    `rows` are those of the table of clips: where a clip is described more than once, by other frames, one comes again.
    """

    features: NDArray[np.float32]
    labels: tuple[str | None, ...]
    subjects: tuple[str, ...]
    rows: tuple[int, ...]

    @classmethod
    def of_table(cls, features: NDArray[np.float32], table: pd.DataFrame) -> Self:
        """Take labels and subjects from the columns `label` and `subject`, one row a clip in the same order."""
        labels = tuple(None if pd.isna(label) else str(label) for label in table["label"])
        return cls(features, labels, tuple(table["subject"].astype(str)), tuple(table.index))

    def __len__(self) -> int:
        return len(self.features)

    @property
    def distinct(self) -> int:
        """How many clips there are, each counted once."""
        return len(set(self.rows))

    def take(self, positions: NDArray[np.int64]) -> Self:
        """The clips at these positions; one may come more than once."""
        return type(self)(
            self.features[positions],
            tuple(self.labels[i] for i in positions),
            tuple(self.subjects[i] for i in positions),
            tuple(self.rows[i] for i in positions),
        )

    def by_label(self) -> dict[str, Self]:
        """The clips of each label; clips without a label are in none."""
        return self._grouped(self.labels)

    def by_subject(self) -> dict[str, Self]:
        """The clips of each subject."""
        return self._grouped(self.subjects)

    def _grouped(self, keys: Sequence[str | None]) -> dict[str, Self]:
        column = np.array(keys, dtype=object)
        names = sorted({key for key in keys if key is not None})
        return {name: self.take(np.flatnonzero(column == name)) for name in names}


@torch.inference_mode()
def stream_features(
    describe: Describe, batches: Iterable[Tensor], count: int, device: torch.device
) -> NDArray[np.float32]:
    """Describe clips batch by batch; nothing but the features is kept.

    Args:
        describe: The network, on `device`.
        batches: Clips (B, 3, K, H, W) in [0, 1].
        count: Clips N of all batches.
        device: Where to compute.

    Returns:
        float32 (N, D).

    Raises:
        InputError: The network does not give one row of features a clip, or values that are not finite.
    """
    kept: NDArray[np.float32] | None = None
    done = 0
    for batch in batches:
        described = describe(batch.to(device)).float().cpu().numpy()
        if described.ndim != 2 or len(described) != len(batch):
            raise InputError(
                f"features: {len(batch)} clips gave an output of shape {described.shape}; expected one row of "
                "features a clip"
            )
        if not np.isfinite(described).all():
            raise InputError(f"features: the network gives NaN or infinite values for clips {done} and following")
        if kept is None:
            kept = np.empty((count, described.shape[1]), np.float32)
        kept[done : done + len(described)] = described
        done += len(described)
    if kept is None:
        raise InputError("features: there are no clips to describe")
    return kept
