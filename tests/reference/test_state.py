from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.reference.state import assign, read_published_state

FILE = {
    "generator": {"final.weight": torch.ones(2), "final.bias": torch.zeros(1)},
    "optimizer": {"state": {0: {"exp_avg": torch.ones(2)}}, "param_groups": [{"lr": 0.1}]},
    "epoch": 7,
    "example": torch.zeros(3),
}


def test_networks_are_read_from_a_file_and_the_rest_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "published.pth"
    torch.save(FILE, path)
    for given in (path, str(path), FILE):
        state = read_published_state(given, ["generator"])
        assert set(state) == {"generator.final.weight", "generator.final.bias"}
        assert torch.equal(state["generator.final.weight"], torch.ones(2))


def test_full_names_and_arrays_are_accepted() -> None:
    state = read_published_state({"generator.final.weight": np.ones(2, np.float32)}, ["generator"])
    assert torch.equal(state["generator.final.weight"], torch.ones(2))


def test_a_network_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"no network 'diffusion' in the given state.*generator, optimizer"):
        read_published_state(FILE, ["diffusion"])


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no published weights at"):
        read_published_state(tmp_path / "absent.pth", ["generator"])
    text = tmp_path / "text.pth"
    text.write_text("hello")
    with pytest.raises(InputError, match=r"text\.pth cannot be read"):
        read_published_state(text, ["generator"])
    torch.save([1, 2], text)
    with pytest.raises(InputError, match="holds a list"):
        read_published_state(text, ["generator"])


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path(tmp_path / "ran").touch, ())

    torch.save({"generator": {"a": torch.ones(1)}, "example": Payload()}, tmp_path / "bad.pth")
    with pytest.raises(InputError, match="cannot be read"):
        read_published_state(tmp_path / "bad.pth", ["generator"])
    assert not (tmp_path / "ran").exists()


def test_entries_that_are_no_tensors_are_named() -> None:
    with pytest.raises(InputError, match=r"generator\.final in the given state is a dict"):
        read_published_state({"generator": {"final": {}}}, ["generator"])


def test_assigning_copies_values_and_keeps_the_layout() -> None:
    conv = nn.Conv2d(3, 4, 3)
    conv.weight.data = conv.weight.data.contiguous(memory_format=torch.channels_last)
    state = {"net.w": torch.randn(4, 3, 3, 3), "net.b": torch.randn(4), "net.down.weight": torch.ones(1)}
    assign(conv, state, {"weight": "net.w", "bias": "net.b"}, is_constant=lambda name: "down" in name)
    assert torch.equal(conv.weight, state["net.w"])
    assert torch.equal(conv.bias, state["net.b"])
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)


def test_every_tensor_is_accounted_for() -> None:
    linear = nn.Linear(2, 3)
    before = linear.weight.clone()
    state = {"w": torch.zeros(3, 4), "more": torch.zeros(1)}
    with pytest.raises(InputError) as error:
        assign(linear, state, {"weight": "w", "bias": "b"})
    message = str(error.value)
    assert "1 missing: b" in message
    assert "1 left over: more" in message
    assert "w (3, 4) instead of (3, 2)" in message
    assert torch.equal(linear.weight, before)
