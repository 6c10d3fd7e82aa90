from pathlib import Path

import pytest
import torch
from tests.training.stages import task
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training import memory
from lfdm_pipeline.training.memory import explaining_out_of_memory, fixed_bytes
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World
from lfdm_pipeline.workspace import Workspace

CPU = World.alone("cpu")


def lack(tmp_path: Path, error: Exception, stage: str = "lfae", world: World = CPU, **options: int) -> str:
    job = Job(task(stage, tmp_path, **options), ExecutionOptions(workers=3), Workspace(tmp_path, "a"), "cpu")
    with pytest.raises(InputError) as told, explaining_out_of_memory(job, world, half_precision=False):
        raise error
    return str(told.value)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes."),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        MemoryError(),
    ],
)
def test_says_which_parameters_lower_it_and_by_how_much(error: Exception, tmp_path: Path) -> None:
    message = lack(tmp_path, error, batch_size=12)
    assert "lfae: out of memory on cpu" in message
    going_on, anew = message.split("To lower it and start another training: ")
    assert "To lower it and go on from the last checkpoint: training.activation_checkpointing=true" in going_on
    assert "lfae.training.accumulation=2 computes 6 items at a time, not 12: about " in anew
    assert "lfae.training.accumulation=3 computes 4 items at a time, not 12: about " in anew
    assert "accumulation=4" not in anew
    assert "\n" not in message


def test_what_is_proposed_can_be_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "activation_checkpointing" not in lack(tmp_path, MemoryError(), "probe"), "it has nothing to compute again"
    monkeypatch.setattr(memory, "peak_memory", lambda device: 6 << 30)
    gpus = World(torch.device("cuda"), 0, 2)
    message = lack(tmp_path, MemoryError(), world=gpus, batch_size=12, accumulation=2)
    assert "training.num_processes=3, with as many GPUs: about 4.0 GiB on each" in message
    assert "lfae.training.accumulation=3 computes 2 items at a time, not 3: about 4.0 GiB" in message
    assert "lfae.training.precision=bf16 halves the rest" in message


def test_a_killed_loader_is_told(tmp_path: Path) -> None:
    message = lack(tmp_path, RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. "))
    assert "lfae: a process that loads data was killed" in message
    assert "lower training.workers (now 3)" in message


def test_what_cannot_be_divided_further_is_not_proposed(tmp_path: Path) -> None:
    message = lack(tmp_path, MemoryError(), batch_size=4, accumulation=4)
    assert "accumulation=" not in message


def test_other_errors_pass(tmp_path: Path) -> None:
    job = Job(task("probe", tmp_path), ExecutionOptions(), Workspace(tmp_path, "a"), "cpu")
    with (
        pytest.raises(RuntimeError, match="shapes"),
        explaining_out_of_memory(job, CPU, half_precision=False),
    ):
        raise RuntimeError("shapes cannot be multiplied")


def test_counts_what_a_trained_weight_costs() -> None:
    layer = nn.Linear(3, 4)
    assert fixed_bytes(layer, averaged=False) == 16 * 4 * 4
    assert fixed_bytes(layer, averaged=True) == 16 * 4 * 5
    assert fixed_bytes(layer.requires_grad_(False), averaged=True) == 16 * 4
