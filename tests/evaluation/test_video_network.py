import hashlib

import pytest
import torch
from tests.evaluation.tiny_i3d import write_tiny_i3d

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.video_network import load_video_network

CPU = torch.device("cpu")


@pytest.fixture
def path(tmp_path):
    return write_tiny_i3d(tmp_path / "i3d.pt")


def test_clips_are_handed_over_in_the_range_of_bytes_and_the_checksum_is_recorded(path):
    network = load_video_network(path, None, "network", CPU)
    assert network.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    features = network(torch.full((2, 3, 4, 8, 8), 0.75))
    assert features.shape == (2, 10)
    torch.testing.assert_close(features[:, :3], torch.full((2, 3), 0.5))
    assert (features[:, -1] == 8).all()  # the network resizes itself


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 24), (400, 300)])
def test_bilinear_hands_over_the_middle_at_224_in_minus_one_to_one(path, height, width):
    network = load_video_network(path, None, "bilinear", CPU)
    clips = torch.zeros(1, 3, 2, height, width)
    clips[:, 1] = torch.linspace(0, 1, width)
    features = network(clips)
    assert (features[:, -1] == 224).all()
    torch.testing.assert_close(features[0, :3], torch.tensor([-1.0, 0.0, -1.0]), atol=1e-4, rtol=0)


def test_another_file_than_expected_is_never_opened(tmp_path):
    harmful = tmp_path / "other.pt"
    harmful.write_bytes(b"no TorchScript at all")
    with pytest.raises(InputError, match="expected 00ff: it was not opened"):
        load_video_network(harmful, "00ff", "network", CPU)


def test_the_expected_file_is_opened_whatever_the_case_of_its_checksum(path):
    digest = hashlib.sha256(path.read_bytes()).hexdigest().upper()
    assert load_video_network(path, digest, "network", CPU).sha256 == digest.lower()


def test_a_missing_file_and_one_of_another_kind_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        load_video_network(tmp_path / "absent.pt", None, "network", CPU)
    (tmp_path / "text.pt").write_text("weights, honestly")
    with pytest.raises(InputError, match="is not a TorchScript file"):
        load_video_network(tmp_path / "text.pt", None, "network", CPU)
