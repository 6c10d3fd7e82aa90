import torch

from lfdm_pipeline.objectives.certainty import certainty


def test_is_the_squared_logit():
    logits = torch.tensor([0.0, 1.0, -2.0, 3.0])
    torch.testing.assert_close(certainty(logits.sigmoid()), logits.square().mean())
    assert certainty(torch.full((2, 1, 4, 4), 0.5)) == 0


def test_pulls_back_from_both_ends_and_is_finite_there():
    occlusion = torch.tensor([0.01, 0.99], requires_grad=True)
    certainty(occlusion).backward()
    assert occlusion.grad[0] < 0 < occlusion.grad[1]
    assert torch.isfinite(certainty(torch.tensor([0.0, 1.0])))
