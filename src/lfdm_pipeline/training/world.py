"""The processes that train together."""

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.parallel import DistributedDataParallel

from lfdm_pipeline.device import pick_device
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.environment import Place

PATIENCE = timedelta(hours=1)  # with the others, while one writes a checkpoint or draws a preview


@dataclass(frozen=True)
class World:
    """This process's device and its place among `size` equal ones; rank 0 alone writes and reports."""

    device: torch.device
    rank: int = 0
    size: int = 1

    @classmethod
    def alone(cls, device: str) -> Self:
        """A process by itself."""
        return cls(pick_device(device))

    @classmethod
    def joined(cls, device: str, place: Place) -> Self:
        """Meet the other processes; each takes the GPU of its local rank.

        Raises:
            InputError: the device is absent, or there are fewer GPUs than processes.
        """
        from accelerate import PartialState

        if device != "cpu" and place.local_rank < torch.cuda.device_count():
            # Before anything opens a context, which costs memory on the GPU that it lies on.
            torch.cuda.set_device(place.local_rank)
        # Without a number, the name is that of the process's own GPU.
        kind = pick_device(device.partition(":")[0]).type
        if kind == "cuda" and place.local_rank >= torch.cuda.device_count():
            raise InputError(
                f"training.num_processes: process {place.local_rank} has no GPU of its own, there are "
                f"{torch.cuda.device_count()} here; start at most as many processes, let srun give every task all GPUs "
                "of its node (--gpus-per-node, not --gpus-per-task), or set device=cpu"
            )
        os.environ.update(place.variables())
        state = PartialState(cpu=kind != "cuda", timeout=PATIENCE)
        return cls(state.device, state.process_index, state.num_processes)

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and reports."""
        return self.rank == 0

    def parallel(self, step: nn.Module) -> nn.Module:
        """The step as something whose backward pass leaves every process with the mean gradient."""
        # Batch statistics are equal everywhere already, so buffers need not be sent with every step.
        return DistributedDataParallel(step, forward_sync_buffers=False) if self.size > 1 else step

    def without_exchange(self, parallel: nn.Module) -> AbstractContextManager[None]:
        """Within, gradients are added up but not exchanged."""
        return parallel.no_sync() if isinstance(parallel, DistributedDataParallel) else nullcontext()

    def mean(self, values: dict[str, Tensor]) -> dict[str, Tensor]:
        """Scalars averaged over the processes."""
        if self.size == 1:
            return values
        stacked = torch.stack([value.detach().float() for value in values.values()])
        dist.all_reduce(stacked)
        return dict(zip(values, stacked / self.size, strict=True))

    def agrees(self, value: int) -> bool:
        """Whether a number is the same in all processes."""
        if self.size == 1:
            return True
        extremes = torch.tensor([value, -value], device=self.device)
        dist.all_reduce(extremes, dist.ReduceOp.MAX)
        largest, smallest = extremes.tolist()
        return bool(largest == -smallest)

    def any(self, flag: bool) -> bool:
        """Whether the flag is up in any process."""
        if self.size == 1:
            return flag
        raised = torch.tensor(float(flag), device=self.device)
        dist.all_reduce(raised)
        return raised.item() > 0
