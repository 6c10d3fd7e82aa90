"""What to do when memory does not suffice, with figures."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.meter import GIB, peak_memory
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World

_SIGNS = ("out of memory", "can't allocate memory", "not enough memory")


@contextmanager
def explaining_out_of_memory(job: Job, world: World, half_precision: bool) -> Iterator[None]:
    """Within, a lack of memory is an error that says which parameters lower it and by how much.

    Raises:
        InputError: memory did not suffice.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(sign in str(error) for sign in _SIGNS):
            raise InputError(_advice(job, world, half_precision)) from error
        raise


def _advice(job: Job, world: World, half_precision: bool) -> str:
    task, options = job.task, job.task.options
    fixed, peak = fixed_bytes(task.step, options.ema_decay is not None), peak_memory(world.device)
    rest = max(peak - fixed, 0)
    share = options.batch_size // world.size
    ways = [
        f"{task.parameters}.accumulation={turns} computes {share // turns} items at a time, not "
        f"{share // options.accumulation}: about {(fixed + rest * options.accumulation / turns) / GIB:.1f} GiB"
        for turns in _finer(options.accumulation, share)
    ]
    if not job.execution.activation_checkpointing:
        ways.append("training.activation_checkpointing=true keeps about a third of the rest, for a third more time")
    if not half_precision and world.device.type == "cuda":
        ways.append(f"{task.parameters}.precision=bf16 halves the rest")
    if world.device.type == "cuda":
        ways.append(f"training.num_processes={2 * world.size}, with as many GPUs, halves the rest on each")
    ways.append(f"a smaller {task.parameters}.batch_size lowers the rest in proportion, and changes the training")
    return (
        f"{task.name}: out of memory on {world.device} ({peak / GIB:.1f} GiB were in use: {fixed / GIB:.1f} for "
        f"weights, gradients, optimiser and average, the rest for the batch). To lower it: {'; '.join(ways)}. "
        "The last checkpoint is intact"
    )


def fixed_bytes(step: nn.Module, averaged: bool) -> int:
    """Bytes that do not depend on the batch: every weight; of trained ones gradient, two moments and the average."""
    trained = 5 if averaged else 4
    return sum(
        tensor.nbytes * (trained if tensor.requires_grad else 1) for tensor in (*step.parameters(), *step.buffers())
    )


def _finer(turns: int, largest: int) -> list[int]:
    """The next two ways of dividing `largest` items more finely than into `turns`."""
    return [each for each in range(turns + 1, largest + 1) if largest % each == 0][:2]
