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

    def carry_out(self, job: Job, log: RunLog) -> None:
        """As rank 0: train together; the job's last state is left in its workspace."""
        # Not the job itself: its networks are wrapped for several processes, and those of the node stay as they are.
        packed = pickle.dumps(job)
        self._send(packed)
        Trainer(pickle.loads(packed), self.world, log).fit()

    def follow(self) -> None:
        """As any other rank: take part in whatever rank 0 trains, until it ends."""
        while (packed := self._receive()) is not None:
            try:
                Trainer(pickle.loads(packed), self.world, _Silence()).fit()
            except (InputError, Stopped):
                # Rank 0 meets the same one, tells it, and says what comes next.
                continue
        dist.destroy_process_group()

    def dismiss(self) -> None:
        """As rank 0: let the others end."""
        # A process that died is not there to hear it.
        with suppress(RuntimeError):
            self._send(None)
            dist.destroy_process_group()

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


class _Silence:
    def __call__(self, values: object, step: int) -> None:
        """Rank 0 reports."""

    def preview(self, name: str, preview: Preview, step: int) -> None:
        """Rank 0 reports."""
