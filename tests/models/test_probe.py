import pytest
import torch
import torch.nn.functional as F
from pydantic import ValidationError

from lfdm_pipeline.models.probe import Probe, ProbeOptions


@pytest.fixture
def probe():
    torch.manual_seed(0)
    return Probe(ProbeOptions(num_labels=3, width=8, feature_dim=16))


@pytest.mark.parametrize("size", [32, 48, 128])
def test_shapes_for_any_frame_size_and_clip_length(probe, size):
    clip = torch.rand(2, 3, 5, size, size)
    assert probe(clip).shape == (2, 3)
    assert probe.features(clip).shape == (2, 32)
    torch.testing.assert_close(probe.classify(probe.features(clip)), probe(clip))


def test_a_still_picture_of_anyone_looks_alike(probe):
    still = torch.rand(2, 3, 1, 32, 32).expand(-1, -1, 6, -1, -1)
    logits = probe(still)
    torch.testing.assert_close(logits[0], logits[1])


def test_clips_of_a_batch_do_not_influence_each_other(probe):
    clips = torch.rand(3, 3, 4, 32, 32)
    torch.testing.assert_close(probe(clips)[1:2], probe(clips[1:2]), rtol=1e-4, atol=1e-5)


def test_learns_directions_of_movement():
    """A bright square that moves right, moves down or stays, on backgrounds never seen twice."""
    torch.manual_seed(0)
    probe = Probe(ProbeOptions(num_labels=3, image_size=16, width=8, feature_dim=16))
    optimiser = torch.optim.Adam(probe.parameters(), 3e-3)

    def batch(count):
        labels = torch.randint(3, (count,))
        clips = torch.rand(count, 3, 1, 16, 16).expand(-1, -1, 4, -1, -1).clone()
        for clip, label in zip(clips, labels.tolist(), strict=True):
            row, column = torch.randint(1, 6, (2,)).tolist()
            for time in range(4):
                top, left = row + 2 * time * (label == 1), column + 2 * time * (label == 0)
                clip[:, time, top : top + 4, left : left + 4] = 1
        return clips, labels

    for _ in range(60):
        clips, labels = batch(16)
        optimiser.zero_grad()
        F.cross_entropy(probe(clips), labels).backward()
        optimiser.step()
    with torch.no_grad():
        clips, labels = batch(60)
        assert (probe(clips).argmax(dim=1) == labels).float().mean() > 0.9


def test_sizes_that_do_not_divide_are_named():
    with pytest.raises(ValidationError, match="multiple of 8"):
        ProbeOptions(num_labels=2, width=12)
