from pathlib import Path

import numpy as np
import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.reference.state import read_published

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
        published = read_published(given, ["generator"])
        assert set(published.tensors) == {"generator.final.weight", "generator.final.bias"}
        assert torch.equal(published.tensors["generator.final.weight"], torch.ones(2))
        assert published.others == ("optimizer", "epoch", "example")


def test_full_names_and_arrays_are_accepted() -> None:
    state = {"generator.final.weight": np.ones(2, np.float32), "avd_network.encoder.0.bias": np.ones(1, np.float32)}
    published = read_published(state, ["generator"])
    assert torch.equal(published.tensors["generator.final.weight"], torch.ones(2))
    assert published.others == ("avd_network",)


def test_a_network_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match=r"no network 'diffusion' in the given state.*generator, optimizer"):
        read_published(FILE, ["diffusion"])


def test_entries_that_are_no_tensors_are_named() -> None:
    with pytest.raises(InputError, match=r"generator\.final in the given state is a dict"):
        read_published({"generator": {"final": {}}}, ["generator"])
