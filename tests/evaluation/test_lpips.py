import cv2
import numpy as np
import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.lpips import LPIPS


@pytest.fixture
def weights(tmp_path):
    """Random weights under torchvision's names, the classifier included, as its file holds them."""
    torch.manual_seed(0)
    state = {
        f"features.{name}": torch.randn_like(value) * 0.05 for name, value in LPIPS().features.state_dict().items()
    }
    torch.save(state | {"classifier.1.weight": torch.ones(2, 2)}, tmp_path / "alexnet.pth")
    return tmp_path / "alexnet.pth"


def tensor(picture):
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


def test_equal_images_have_no_distance_and_more_blur_has_more(weights):
    lpips = LPIPS.from_file(weights)
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    distances = [
        float(lpips(tensor(picture), tensor(picture if not sigma else cv2.GaussianBlur(picture, (0, 0), sigma))))
        for sigma in (0, 0.5, 2)
    ]
    assert distances[0] == 0
    assert distances[0] < distances[1] < distances[2]


def test_images_are_compared_one_by_one_and_in_either_order(weights):
    lpips = LPIPS.from_file(weights)
    a, b = torch.rand(3, 3, 64, 64), torch.rand(3, 3, 64, 64)
    assert lpips(a, b).shape == (3,)
    torch.testing.assert_close(lpips(a, b), lpips(b, a))
    torch.testing.assert_close(lpips(a, b)[1], lpips(a[1:2], b[1:2])[0])


def test_the_heads_are_the_published_ones(weights):
    heads = LPIPS.from_file(weights).heads
    assert [head.shape[1] for head in heads] == [64, 192, 384, 256, 256]
    assert all((head >= 0).all() and not torch.equal(head, torch.ones_like(head)) for head in heads)


def test_other_files_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        LPIPS.from_file(tmp_path / "absent.pth")
    torch.save({"features.0.weight": torch.ones(2)}, tmp_path / "other.pth")
    with pytest.raises(InputError, match="does not hold AlexNet's weights"):
        LPIPS.from_file(tmp_path / "other.pth")
