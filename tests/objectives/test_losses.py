import torch

from lfdm_pipeline.objectives.losses import Losses


def test_total_is_the_sum_of_the_parts_and_carries_gradients() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    losses = Losses.of({"a": 3 * x, "b": x * x})
    assert losses.total.item() == 10
    losses.total.backward()
    assert x.grad is not None
    assert x.grad.item() == 7
