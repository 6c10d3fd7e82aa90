import pytest
import torch
from torch import nn

from lfdm_pipeline.training.ema import averaged


def test_follows_the_weights_by_the_warmed_up_decay():
    network = nn.Linear(1, 1, bias=False)
    values = [1.0, 2.0, 3.0, -1.0]
    average = averaged(network, 0.2)
    expected = None
    for n, value in enumerate(values):
        with torch.no_grad():
            network.weight.fill_(value)
        average.update_parameters(network)
        decay = min(0.2, (1 + n) / (10 + n))
        expected = value if expected is None else decay * expected + (1 - decay) * value
    assert average.module.weight.item() == pytest.approx(expected)


def test_copies_batch_statistics():
    network = nn.BatchNorm1d(2)
    average = averaged(network, 0.999)
    network(torch.randn(8, 2) * 5 + 3)
    average.update_parameters(network)
    assert torch.equal(average.module.running_mean, network.running_mean)
