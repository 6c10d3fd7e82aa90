import tracemalloc

import numpy as np
import pandas as pd
import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.clip_batches import clip_batches
from lfdm_pipeline.evaluation.features import ClipFeatures, stream_features

CPU = torch.device("cpu")


class Rendered:
    """A store that makes each clip when it is asked for: level n of clip `n`, half a megabyte."""

    def __getitem__(self, clip_id):
        return np.full((8, 150, 150, 3), int(clip_id), np.uint8)


def mean_colour(clips):
    return clips.mean(dim=(2, 3, 4))


def test_features_stand_in_the_order_of_the_clips():
    batches = clip_batches(Rendered(), ["9", "3", "200", "3", "0"], 2, 2, "clips")
    features = stream_features(mean_colour, batches, 5, CPU)
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, np.array([[9], [3], [200], [3], [0]]) / 255 * np.ones(3), rtol=1e-5)


def test_many_clips_need_no_more_memory_than_a_few():
    ids = [str(n % 250) for n in range(120)]
    stream_features(mean_colour, clip_batches(Rendered(), ids[:2], 2, 2, "warm-up"), 2, CPU)
    tracemalloc.start()
    stream_features(mean_colour, clip_batches(Rendered(), ids, 2, 2, "clips"), len(ids), CPU)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 540_000  # all clips are 65 MB


@pytest.mark.parametrize(
    ("describe", "message"),
    [
        (lambda clips: clips, "one row of features a clip"),
        (lambda clips: clips.mean(dim=(2, 3, 4)) * float("nan"), "NaN"),
    ],
)
def test_what_is_no_description_is_named(describe, message):
    with pytest.raises(InputError, match=message):
        stream_features(describe, [torch.ones(2, 3, 2, 4, 4)], 2, CPU)


def test_no_clips_are_an_error():
    with pytest.raises(InputError, match="no clips"):
        stream_features(mean_colour, [], 0, CPU)


def test_groups_take_the_rows_of_their_clips_and_leave_out_the_unlabelled():
    table = pd.DataFrame({"label": ["nod", None, "turn", "nod"], "subject": ["a", "a", "b", "b"]})
    clips = ClipFeatures.of_table(np.arange(4, dtype=np.float32)[:, None], table)
    grouped = [
        {name: own.features.ravel().tolist() for name, own in by.items()}
        for by in (clips.by_label(), clips.by_subject())
    ]
    assert grouped == [{"nod": [0, 3], "turn": [2]}, {"a": [0, 1], "b": [2, 3]}]
    assert clips.by_subject()["a"].labels == ("nod", None)
