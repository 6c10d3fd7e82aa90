"""Training under a launcher (torchrun, srun): rank 0 runs the pipelines, the others join it in its trainings."""

import atexit
import pickle
from contextlib import suppress
from datetime import timedelta
from functools import cache

import torch
from torch import distributed as dist

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.run_log import Preview, RunLog
from lfdm_pipeline.training.environment import Place, launched
from lfdm_pipeline.training.loop import Trainer
from lfdm_pipeline.training.signals import Stopped
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World

_BETWEEN_TRAININGS = timedelta(days=365)


class Crew:
    """The processes that a launcher started; met once, for the life of the program."""

    def __init__(self, device: str, place: Place) -> None:
        self.world = World.joined(device, place)
        # Of its own, with all the patience that other stages may need.
        self._channel = dist.new_group(backend="gloo", timeout=_BETWEEN_TRAININGS)
        self._whole = True

    def carry_out(self, job: Job, log: RunLog) -> None:
        """As rank 0: train together; the job's last state is left in its workspace.

        Raises:
            InputError: this process cannot go on, or another one is gone.
            Stopped: SIGTERM or SIGINT asked to; what was done is saved.
        """
        # Not the job itself: its networks are wrapped for several processes, and those of the node stay as they are.
        packed = pickle.dumps(job)
        self._send(packed)
        self._train(packed, log)

    def follow(self) -> None:
        """As any other rank: take part in whatever rank 0 trains, until it ends.

        Raises:
            InputError: this process cannot go on, or another one is gone.
        """
        while (packed := self._receive()) is not None:
            # Rank 0 is asked to stop as well, and says what comes next.
            with suppress(Stopped):
                self._train(packed, _Silence())
        dist.destroy_process_group()

    def dismiss(self) -> None:
        """As rank 0: let the others end."""
        # After an error the others are gone, or wait where they hear nothing until this process is gone.
        if self._whole:
            self._send(None)
            dist.destroy_process_group()

    def _train(self, packed: bytes, log: RunLog) -> None:
        job: Job = pickle.loads(packed)
        try:
            Trainer(job, self.world, log).fit()
        except Exception as error:
            self._whole = False
            if not _is_about_others(error):
                raise
            raise InputError(
                f"{job.task.name}: process {self.world.rank} of {self.world.size} lost another one, whose own output "
                "says why; the last checkpoint is intact: run the same command again to go on from it"
            ) from error

    def _send(self, packed: bytes | None) -> None:
        dist.broadcast_object_list([packed], src=0, group=self._channel, device=torch.device("cpu"))

    def _receive(self) -> bytes | None:
        received: list[bytes | None] = [None]
        dist.broadcast_object_list(received, src=0, group=self._channel, device=torch.device("cpu"))
        return received[0]


def crew(device: str) -> Crew | None:
    """The processes that a launcher started beside this one; None where there is no launcher."""
    place = launched()
    return None if place is None else _meet(device, place)


@cache
def _meet(device: str, place: Place) -> Crew:
    met = Crew(device, place)
    if met.world.leads:
        atexit.register(met.dismiss)
    return met


def _is_about_others(error: Exception) -> bool:
    # Gloo has no kind of error of its own.
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and "gloo" in str(error))


class _Silence:
    def __call__(self, values: object, step: int) -> None:
        """Rank 0 reports."""

    def preview(self, name: str, preview: Preview, step: int) -> None:
        """Rank 0 reports."""
