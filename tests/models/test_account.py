import pytest
import torch
from torch import nn

from lfdm_pipeline.models.account import MisfitError, assign


def test_assigning_copies_values_and_keeps_the_layout() -> None:
    conv = nn.Conv2d(3, 4, 3)
    conv.weight.data = conv.weight.data.contiguous(memory_format=torch.channels_last)
    state = {"net.w": torch.randn(4, 3, 3, 3), "net.b": torch.randn(4), "net.down.weight": torch.ones(1)}
    account = assign(conv, state, {"weight": "net.w", "bias": "net.b"}, is_constant=lambda name: "down" in name)
    assert torch.equal(conv.weight, state["net.w"])
    assert torch.equal(conv.bias, state["net.b"])
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)
    assert account.fits
    assert account.fitting == ("net.w", "net.b")
    assert account.constant == ("net.down.weight",)


def test_every_tensor_is_accounted_for() -> None:
    linear = nn.Linear(2, 3)
    before = linear.weight.clone()
    state = {"w": torch.zeros(3, 4), **{f"more.{i}": torch.zeros(1) for i in range(7)}}
    with pytest.raises(MisfitError) as error:
        assign(linear, state, {"weight": "w", "bias": "b"}, origin="some.pth")
    message = str(error.value)
    assert "some.pth" in message
    assert "1 missing: b" in message
    assert "7 left over: more.0, more.1, more.2, more.3, more.4 and 2 more" in message
    assert "w (3, 4) instead of (3, 2)" in message
    account = error.value.account
    assert account.missing == ("b",)
    assert account.extra == tuple(f"more.{i}" for i in range(7))
    assert account.misshapen == {"w": ((3, 4), (3, 2))}
    assert torch.equal(linear.weight, before)
