"""The batches of a training, as functions of the step's number alone."""

import signal
from collections.abc import Generator, Iterator
from typing import Any, cast

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from torch.utils.data.dataloader import _MultiProcessingDataLoaderIter

from lfdm_pipeline.training.signals import SIGNALS
from lfdm_pipeline.training.task import Examples, TrainingTask


class Division:
    """How a batch is divided: into `accumulation` parts that are computed in turn, each over all processes.

    Args:
        task: whose batches.
        rank: this process.
        size: of how many.

    Raises:
        InputError: the batch cannot be divided evenly.
    """

    def __init__(self, task: TrainingTask, rank: int, size: int) -> None:
        self.batch_size, self.turns = task.options.batch_size, task.options.accumulation
        self.rank, self.size = rank, size
        self.part_size = task.options.part_size(size, task.parameters)
        self.parts = self.turns * size

    def part(self, turn: int) -> int:
        """Number of the part that this process computes in a turn."""
        return turn * self.size + self.rank

    def draws(self, step: int, turn: int) -> range:
        """The draws of that part of the batch of step `step`."""
        start = step * self.batch_size + self.part(turn) * self.part_size
        return range(start, start + self.part_size)


def batches(
    examples: Examples, steps: range, division: Division, device: torch.device, workers: int = 0
) -> Generator[list[dict[str, Any]], None, None]:
    """Yield for each step what this process computes: a collated part of the batch for each turn, on the device.

    To be closed where it is not exhausted.
    """
    loader = DataLoader(
        cast("Dataset[dict[str, Any]]", examples),
        batch_sampler=_PartSampler(steps, division),
        num_workers=workers,
        worker_init_fn=_leave_signals_to_the_training,
        pin_memory=device.type == "cuda",
        generator=torch.Generator(),
    )
    parts = iter(loader)
    try:
        for _ in steps:
            yield [_on(next(parts), device) for _ in range(division.turns)]
    finally:
        # Workers would live as long as the traceback of an error, and keep the program from its end.
        if isinstance(parts, _MultiProcessingDataLoaderIter):
            parts._shutdown_workers()


class _PartSampler:
    """The draws of one part after the other."""

    def __init__(self, steps: range, division: Division) -> None:
        self._steps, self._division = steps, division

    def __iter__(self) -> Iterator[list[int]]:
        for step in self._steps:
            for turn in range(self._division.turns):
                yield list(self._division.draws(step, turn))

    def __len__(self) -> int:
        return len(self._steps) * self._division.turns


def _leave_signals_to_the_training(worker: int) -> None:
    # Terminals and clusters signal all processes at once, and a training cannot finish its step without its workers.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)


def _on(batch: dict[str, Any], device: torch.device) -> dict[str, Any]:
    return {name: _moved(value, device) if isinstance(value, Tensor) else value for name, value in batch.items()}


def _moved(value: Tensor, device: torch.device) -> Tensor:
    layout = torch.channels_last if value.ndim == 4 else torch.preserve_format
    return value.to(device, non_blocking=True, memory_format=layout)
