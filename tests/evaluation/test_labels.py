import numpy as np
import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.labels import Probed, ProbingOptions, label_accuracy, run_probe
from lfdm_pipeline.models.probe import Probe, ProbeOptions

LABELS = ("nod", "turn", "smile")


def probed(*named):
    return Probed(np.eye(3, dtype=np.float32)[list(named)], np.zeros((len(named), 4), np.float32))


def test_accuracy_and_confusion_count_clips():
    result = label_accuracy(probed(0, 0, 1, 2), ["nod", "turn", "turn", "smile"], LABELS)
    assert result.accuracy == 0.75
    assert result.confusion.loc["turn"].to_dict() == {"nod": 1, "turn": 1, "smile": 0}
    assert result.confusion.to_numpy().sum() == 4


def test_clips_without_a_label_are_passed_over():
    result = label_accuracy(probed(0, 1, 1), ["nod", None, "nod"], LABELS)
    assert result.accuracy == 0.5
    assert result.confusion.to_numpy().sum() == 2


def test_where_accuracy_would_say_nothing_there_is_a_note():
    unlabelled = label_accuracy(probed(0, 1), [None, None], LABELS)
    one_label = label_accuracy(Probed(np.ones((2, 1), np.float32), np.zeros((2, 4), np.float32)), ["nod"] * 2, ["nod"])
    for result, why in ((unlabelled, "none of these clips has a label"), (one_label, "has one label")):
        assert result.accuracy is None
        [(name, note)] = result.scores("generation.label_accuracy").items()
        assert name == "generation.label_accuracy_note"
        assert why in note
    assert unlabelled.confusion.shape == (3, 3)
    assert label_accuracy(probed(0), ["nod"], LABELS).scores("x") == {"x": 1.0}


def test_a_label_the_probe_never_saw_is_an_error():
    with pytest.raises(InputError, match="does not know wave; it knows nod, turn, smile"):
        label_accuracy(probed(0), ["wave"], LABELS)


def test_the_probe_is_run_clip_by_clip_whatever_the_batch():
    rng = np.random.default_rng(0)
    clips = {name: rng.integers(0, 255, (5 + i, 16, 16, 3), np.uint8) for i, name in enumerate("abc")}
    torch.manual_seed(0)
    probe = Probe(ProbeOptions(num_labels=3, image_size=16, width=8, feature_dim=8))
    together, single = (
        run_probe(probe, clips, list(clips), ProbingOptions(frames=4, batch_size=n), torch.device("cpu"), "clips")
        for n in (3, 1)
    )
    assert together.features.shape == (3, 16)
    np.testing.assert_allclose(together.features, single.features, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(together.logits, single.logits, rtol=1e-4, atol=1e-6)
