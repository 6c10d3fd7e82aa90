import pytest
import torch

from lfdm_pipeline.objectives.pyramid import PyramidLoss, ssim


def test_ssim_is_its_definition_over_every_window() -> None:
    x, noise = torch.rand(2, 2, 3, 12, 20).unbind(0)
    y = (x + 0.2 * noise).clamp(0, 1)
    a, b = (image.unfold(2, 7, 1).unfold(3, 7, 1).flatten(-2).double() for image in (x, y))
    covariance = ((a - a.mean(-1, keepdim=True)) * (b - b.mean(-1, keepdim=True))).mean(-1)
    luminance = (2 * a.mean(-1) * b.mean(-1) + 1e-4) / (a.mean(-1) ** 2 + b.mean(-1) ** 2 + 1e-4)
    variances = a.var(-1, correction=0) + b.var(-1, correction=0)
    wanted = (luminance * (2 * covariance + 9e-4) / (variances + 9e-4)).mean()
    assert ssim(x, y).item() == pytest.approx(wanted.item(), abs=1e-5)


def test_ssim_of_equal_images_is_one() -> None:
    image = torch.rand(1, 3, 16, 16)
    assert ssim(image, image).item() == pytest.approx(1, abs=1e-6)


def test_ssim_of_images_smaller_than_the_window() -> None:
    assert ssim(torch.rand(1, 3, 4, 4), torch.rand(1, 3, 4, 4)).item() < 0.9


def test_equal_images_cost_nothing_and_noise_costs_more() -> None:
    loss = PyramidLoss((1.0, 0.5, 0.25), l1_weight=1, ssim_weight=1)
    x, noise = torch.rand(2, 3, 32, 32), torch.randn(2, 3, 32, 32)
    costs = [{k: v.item() for k, v in loss(x + s * noise, x).items()} for s in (0.0, 0.05, 0.2)]
    for term in ("l1", "ssim"):
        assert costs[0][term] == pytest.approx(0, abs=1e-5)
        assert costs[0][term] < costs[1][term] < costs[2][term]


def test_constant_difference_is_seen_at_every_scale() -> None:
    x = torch.zeros(1, 3, 64, 64)
    x[..., 16:-16, 16:-16] = 0.5
    terms = PyramidLoss((1.0, 0.5), l1_weight=10, ssim_weight=0)(x, torch.zeros_like(x))
    # A quarter of the picture differs by a half, at either scale.
    assert terms["l1"].item() == pytest.approx(10 * 2 * 0.125, rel=1e-3)
    assert terms["ssim"].item() == 0


def test_gradient_leads_to_the_target() -> None:
    torch.manual_seed(0)
    loss = PyramidLoss((1.0, 0.5), l1_weight=1, ssim_weight=1)
    target, image = torch.rand(2, 1, 3, 16, 16).unbind(0)
    before = sum(loss(image, target).values())
    image.requires_grad_()
    (gradient,) = torch.autograd.grad(sum(loss(image, target).values()), image)
    after = sum(loss(image - 5 * gradient, target).values())
    assert after < before
