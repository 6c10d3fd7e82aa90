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


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_under_autocast_only_the_activations_are_half(half: torch.dtype) -> None:
    torch.manual_seed(0)
    network, weights = VGG19(), (10.0, 10.0, 10.0, 10.0, 10.0)
    prediction, target = torch.rand(2, 1, 3, 32, 32).unbind(0)
    with torch.autocast("cpu", half):
        loss = PerceptualLoss(network, (1.0,), weights)(prediction, target)["perceptual"]
        pairs = list(zip(network(prediction), network(target), strict=True))
    assert {x.dtype for x, _ in pairs} == {half}
    assert loss.dtype == torch.float32
    exact = sum(10 * (x.double() - y.double()).abs().mean().item() for x, y in pairs)
    assert loss.item() == pytest.approx(exact, rel=1e-5)
