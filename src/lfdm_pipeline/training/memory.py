"""What to do when memory does not suffice, with figures."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.meter import GIB, peak_memory
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory", "ALLOC_FAILED")
_LOADER_DIED = "DataLoader worker (pid"


@contextmanager
def explaining_out_of_memory(job: Job, world: World, half_precision: bool) -> Iterator[None]:
    """Within, a lack of memory is an error that says which parameters lower it and by how much.

    Raises:
        InputError: memory did not suffice, or the system ended a process that loads data.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_lack_of_memory(error):
            raise InputError(_advice(job, world, half_precision)) from error
        if str(error).startswith(_LOADER_DIED):
            raise InputError(
                f"{job.task.name}: a process that loads data was killed, as where the machine's memory is full: lower "
                f"training.workers (now {job.execution.workers}), and run the same command again to go on from the "
                "last checkpoint"
            ) from error
        raise


def is_lack_of_memory(error: Exception) -> bool:
    """Whether an error says that memory did not suffice; torch's allocator on a CPU has no kind of its own."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(sign in str(error) for sign in _SIGNS)
    )


def _advice(job: Job, world: World, half_precision: bool) -> str:
    task, options = job.task, job.task.options
    fixed, peak = fixed_bytes(task.step, options.ema_decay is not None), peak_memory(world.device)
    rest, on_gpu = max(peak - fixed, 0), world.device.type == "cuda"
    share = options.batch_size // world.size
    going_on, anew = [], []
    if task.step.blocks and not job.execution.activation_checkpointing:
        going_on.append("training.activation_checkpointing=true keeps about a third of the rest, for a third more time")
    for processes in _finer(world.size, options.batch_size // options.accumulation)[:1] if on_gpu else []:
        going_on.append(
            f"training.num_processes={processes}, with as many GPUs: about "
            f"{(fixed + rest * world.size / processes) / GIB:.1f} GiB on each"
        )
    for turns in _finer(options.accumulation, share)[:2]:
        anew.append(
            f"{task.parameters}.accumulation={turns} computes {share // turns} items at a time, not "
            f"{share // options.accumulation}: about {(fixed + rest * options.accumulation / turns) / GIB:.1f} GiB"
        )
    if on_gpu and not half_precision:
        anew.append(f"{task.parameters}.precision=bf16 halves the rest")
    anew.append(f"a smaller {task.parameters}.batch_size lowers the rest in proportion")
    ways = {"go on from the last checkpoint": going_on, "start another training": anew}
    return (
        f"{task.name}: out of memory on {world.device} ({peak / GIB:.1f} GiB were in use: {fixed / GIB:.1f} for "
        "weights, gradients, optimiser and average, the rest for the batch). "
        + ". ".join(f"To lower it and {what}: {'; '.join(each)}" for what, each in ways.items() if each)
    )


def fixed_bytes(step: nn.Module, averaged: bool) -> int:
    """Bytes that do not depend on the batch: every weight; of trained ones gradient, two moments and the average."""
    trained = 5 if averaged else 4
    return sum(
        tensor.nbytes * (trained if tensor.requires_grad else 1) for tensor in (*step.parameters(), *step.buffers())
    )


def _finer(turns: int, largest: int) -> list[int]:
    """The ways of dividing `largest` items more finely than into `turns`, coarsest first."""
    return [each for each in range(turns + 1, largest + 1) if largest % each == 0]
