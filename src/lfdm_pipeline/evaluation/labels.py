"""What a probe classifier sees in clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from pydantic import Field

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.clip_batches import Clips, clip_batches
from lfdm_pipeline.evaluation.features import stream_features
from lfdm_pipeline.evaluation.scores import Scores
from lfdm_pipeline.models.probe import Probe
from lfdm_pipeline.options import Options


class ProbingOptions(Options):
    """How clips are shown to the probe."""

    frames: int = Field(16, ge=1)
    """Frames a clip, spread evenly; as many as the probe was trained on."""
    batch_size: int = Field(16, ge=1)
    """Clips at once."""


ONE_LABEL = "the corpus has one label, from which a probe learns nothing"


@dataclass(frozen=True)
class Probed:
    """What the probe made of N clips: class scores (N, L) and features (N, D), float32."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]


@dataclass(frozen=True)
class LabelAccuracy:
    """How often the probe names the label of a clip.

    `confusion` counts clips: one row a true label, one column a named label.
    """

    confusion: pd.DataFrame

    @property
    def accuracy(self) -> float | None:
        """Share of clips whose label is named; None where no clip has one, or there is none to take it for."""
        counts = self.confusion.to_numpy()
        return float(counts.trace() / counts.sum()) if counts.any() and len(counts) > 1 else None

    def scores(self, name: str) -> Scores:
        """Return the accuracy under its flat name, or a note where there is none."""
        if self.accuracy is not None:
            return {name: self.accuracy}
        why = "none of these clips has a label" if len(self.confusion) > 1 else ONE_LABEL
        return {f"{name}_note": f"not measured: {why}"}


@torch.inference_mode()
def run_probe(
    probe: Probe,
    clips: Clips,
    clip_ids: Sequence[str],
    options: ProbingOptions,
    device: torch.device,
    name: str,
) -> Probed:
    """Show clips to the probe, in the order of `clip_ids`.

    Args:
        probe: Put on `device`, in eval mode.
        clips: Frames by clip id.
        clip_ids: Which clips.
        options: Frames a clip and batch size.
        device: Where to compute.
        name: What the clips are, for the progress bar.
    """
    probe = probe.to(device).eval()
    batches = clip_batches(clips, clip_ids, options.frames, options.batch_size, f"probe on {name}")
    features = stream_features(probe.features, batches, len(clip_ids), device)
    logits = probe.classify(torch.from_numpy(features).to(device)).cpu().numpy()
    return Probed(logits, features)


def label_accuracy(probed: Probed, truth: Sequence[str | None], labels: Sequence[str]) -> LabelAccuracy:
    """Compare the label of the highest score with the true one.

    Args:
        probed: The probe's answers.
        truth: True label of each clip, in the same order; a clip that has none is passed over.
        labels: The label of each column of the logits.

    Raises:
        InputError: A true label is unknown to the probe.
    """
    unknown = sorted({label for label in truth if label is not None} - set(labels))
    if unknown:
        raise InputError(f"label accuracy: the probe does not know {', '.join(unknown)}; it knows {', '.join(labels)}")
    named = np.array(labels, dtype=object)[probed.logits.argmax(axis=1)]
    counts = pd.crosstab(np.array(truth, dtype=object), named)
    counts = counts.reindex(index=pd.Index(labels, name="label"), columns=list(labels), fill_value=0)
    return LabelAccuracy(counts)
