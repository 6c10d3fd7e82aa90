from pathlib import Path

import pytest
import torch
from tests.training.children import Silence, assert_same, carry_out
from torch import nn

from lfdm_pipeline.models import norm_activation, spatial_attention, temporal_attention
from lfdm_pipeline.training.networks import compiled, laid_out
from lfdm_pipeline.training.options import ExecutionOptions

CPU = torch.device("cpu")


@pytest.mark.parametrize("stage", ["regions", "lfae", "decoder", "motion", "dm", "probe"])
@pytest.mark.filterwarnings("ignore:Dynamo detected a call:UserWarning")
def test_a_compiled_training_is_the_same_and_one_graph_a_network(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Code generation takes a minute on a CPU; what may go wrong in Python goes wrong before it.
    compile_module = nn.Module.compile
    monkeypatch.setattr(nn.Module, "compile", lambda self: compile_module(self, backend="eager"))
    # Compiled networks are torch's alone.
    for module in (norm_activation, spatial_attention, temporal_attention):
        monkeypatch.setattr(module, "has_compiled_loops", lambda x: False)
    _, weights = carry_out(stage, tmp_path / "plain", Silence(), steps=2)
    torch._dynamo.utils.counters.clear()
    _, same = carry_out(stage, tmp_path / "compiled", Silence(), ExecutionOptions(compile=True), steps=2)
    counters = torch._dynamo.utils.counters
    assert counters["stats"]["unique_graphs"] > 0
    assert not counters["graph_break"]
    assert_same(dict(weights), dict(same))


def test_networks_are_as_before_afterwards() -> None:
    layer = nn.Linear(1, 1)
    with compiled([layer]):
        assert layer._compiled_call_impl is not None
    assert layer._compiled_call_impl is None


@pytest.mark.parametrize(("channels_last", "expected"), [(None, False), (False, False), (True, True)])
def test_weights_are_laid_out_as_asked(channels_last: bool | None, expected: bool) -> None:
    layer = nn.Conv2d(2, 3, 3)
    laid_out(layer, channels_last, CPU)
    assert layer.weight.is_contiguous(memory_format=torch.channels_last) == expected


def test_a_training_goes_on_in_another_layout(tmp_path: Path) -> None:
    options = {"steps": 4, "learning_rate": 1e-4}
    _, weights = carry_out("lfae", tmp_path / "whole", Silence(), **options)
    # As on a GPU, which was then lost.
    laid_out_otherwise = ExecutionOptions(channels_last=True, log_every=1, checkpoint_every=2)
    with pytest.raises(KeyboardInterrupt):
        carry_out("lfae", tmp_path / "moved", _Interrupting(), laid_out_otherwise, **options)
    _, moved = carry_out("lfae", tmp_path / "moved", Silence(), **options)
    kernels = [name for name, value in weights.items() if value.ndim == 4]
    for name in kernels:
        # A tenth of what a step of Adam moves; a moment that is misread moves many weights by all of it.
        assert (moved[name] - weights[name]).abs().mean() < 1e-5, name


class _Interrupting(Silence):
    def __call__(self, values, step) -> None:
        if step == 3:
            raise KeyboardInterrupt
