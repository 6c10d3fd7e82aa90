from pathlib import Path

import pytest
import torch
from tests.training.stages import task
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.memory import explaining_out_of_memory, fixed_bytes
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World
from lfdm_pipeline.workspace import Workspace


def lack(tmp_path: Path, error: Exception, **options: int) -> str:
    job = Job(task("probe", tmp_path, **options), ExecutionOptions(), Workspace(tmp_path, "a"), "cpu")
    with (
        pytest.raises(InputError) as told,
        explaining_out_of_memory(job, World.alone("cpu"), half_precision=False),
    ):
        raise error
    return str(told.value)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
        MemoryError(),
    ],
)
def test_says_which_parameters_lower_it_and_by_how_much(error: Exception, tmp_path: Path) -> None:
    message = lack(tmp_path, error, batch_size=12)
    assert "probe: out of memory on cpu" in message
    assert "probe.training.accumulation=2 computes 6 items at a time, not 12: about " in message
    assert "probe.training.accumulation=3 computes 4 items at a time, not 12: about " in message
    assert "training.activation_checkpointing=true" in message
    assert "\n" not in message


def test_what_cannot_be_divided_further_is_not_proposed(tmp_path: Path) -> None:
    message = lack(tmp_path, MemoryError(), batch_size=4, accumulation=4)
    assert "accumulation=" not in message


def test_other_errors_pass(tmp_path: Path) -> None:
    job = Job(task("probe", tmp_path), ExecutionOptions(), Workspace(tmp_path, "a"), "cpu")
    with (
        pytest.raises(RuntimeError, match="shapes"),
        explaining_out_of_memory(job, World.alone("cpu"), half_precision=False),
    ):
        raise RuntimeError("shapes cannot be multiplied")


def test_counts_what_a_trained_weight_costs() -> None:
    layer = nn.Linear(3, 4)
    assert fixed_bytes(layer, averaged=False) == 16 * 4 * 4
    assert fixed_bytes(layer, averaged=True) == 16 * 4 * 5
    assert fixed_bytes(layer.requires_grad_(False), averaged=True) == 16 * 4
