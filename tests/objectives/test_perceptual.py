import pytest
import torch

from lfdm_pipeline.models.vgg import VGG19
from lfdm_pipeline.objectives.perceptual import PerceptualLoss


def test_equal_images_cost_nothing_and_only_the_prediction_learns() -> None:
    torch.manual_seed(0)
    loss = PerceptualLoss(VGG19(), (1.0, 0.5), (10.0, 10.0, 10.0, 10.0, 10.0))
    prediction = torch.rand(1, 3, 32, 32, requires_grad=True)
    target = torch.rand(1, 3, 32, 32, requires_grad=True)
    assert loss(prediction, prediction.detach())["perceptual"].item() == 0
    loss(prediction, target)["perceptual"].backward()
    assert prediction.grad is not None
    assert prediction.grad.any()
    assert target.grad is None


def test_weights_choose_the_layers() -> None:
    network = VGG19()
    prediction, target = torch.rand(2, 1, 3, 32, 32).unbind(0)
    alone = PerceptualLoss(network, (1.0,), (0.0, 0.0, 2.0, 0.0, 0.0))(prediction, target)["perceptual"]
    difference = (network(prediction)[2] - network(target)[2]).abs().mean()
    assert alone.item() == pytest.approx(2 * difference.item(), rel=1e-5)
