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
from lfdm_pipeline.models.probe import Probe
from lfdm_pipeline.options import Options


class ProbingOptions(Options):
    """How clips are shown to the probe."""

    frames: int = Field(16, ge=1)
    """Frames a clip, spread evenly; as many as the probe was trained on."""
    batch_size: int = Field(16, ge=1)
    """Clips at once."""


@dataclass(frozen=True)
class Probed:
    """What the probe made of N clips: class scores (N, L) and features (N, D), float32."""

    logits: NDArray[np.float32]
    features: NDArray[np.float32]


@dataclass(frozen=True)
class LabelAccuracy:
    """Share of clips whose label the probe names.

    `confusion` counts clips: one row a true label, one column a named label.
    """

    accuracy: float
    confusion: pd.DataFrame


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


def label_accuracy(probed: Probed, truth: Sequence[str], labels: Sequence[str]) -> LabelAccuracy:
    """Compare the label of the highest score with the true one.

    Args:
        probed: The probe's answers.
        truth: True label of each clip, in the same order.
        labels: The label of each column of the logits.

    Raises:
        InputError: A true label is unknown to the probe.
    """
    unknown = sorted(set(truth) - set(labels))
    if unknown:
        raise InputError(f"label accuracy: the probe does not know {', '.join(unknown)}; it knows {', '.join(labels)}")
    # Here, since it takes seconds to import and most runs do not evaluate.
    from torchmetrics.functional.classification import multiclass_confusion_matrix

    true = torch.tensor([labels.index(label) for label in truth])
    counts = multiclass_confusion_matrix(torch.from_numpy(probed.logits), true, num_classes=len(labels)).numpy()
    index = pd.Index(labels, name="label")
    accuracy = float(counts.trace() / counts.sum())
    return LabelAccuracy(accuracy, pd.DataFrame(counts, index=index, columns=list(labels)))
