"""The one training loop: everything about training that is not what one step computes."""

import logging
import math
import signal
from contextlib import closing, nullcontext
from typing import Any

import pandas as pd

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.batches import batches
from lfdm_pipeline.training.checkpoint import Checkpoints
from lfdm_pipeline.training.curves import Curves
from lfdm_pipeline.training.memory import explaining_out_of_memory
from lfdm_pipeline.training.optimisation import Optimisation
from lfdm_pipeline.training.progress import Progress
from lfdm_pipeline.training.schedule import learning_rate
from lfdm_pipeline.training.signals import Stopped, StopRequest, stop_request
from lfdm_pipeline.training.skipping import Skips
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.validation import validation_loss
from lfdm_pipeline.training.world import World

_log = logging.getLogger(__name__)


class Trainer:
    """Carries out a job in this process, one of those that share each batch.

    The batch and the random numbers of step k are functions of (seed, k) alone, so that a training that was killed and
    resumed ends with the weights of one that was not.

    Args:
        job: what is trained, and how.
        world: the processes that share each batch.
        log: receiver of live values and previews.
        stop: by which somebody else may ask to stop; None listens to SIGTERM and SIGINT.
    """

    def __init__(self, job: Job, world: World, log: RunLog, stop: StopRequest | None = None) -> None:
        self.job, self.world, self.log, self.stop = job, world, log, stop
        self.task, self.name, self.execution = job.task, job.task.name, job.execution
        self.steps = job.task.options.steps
        self.checkpoints = Checkpoints(job.workspace, job.execution.keep_checkpoints)
        self.optimisation = Optimisation(job, world)
        self.curves = Curves()
        self.skips = Skips(job)
        self.done = 0
        self.best: float | None = None

    def fit(self) -> pd.DataFrame:
        """Train to the last step, from the latest checkpoint if there is one; return the curves.

        Raises:
            InputError: too many steps in a row were not finite, memory or disk did not suffice.
            Stopped: SIGTERM or SIGINT asked to; what was done is saved.
        """
        self._resume()
        if self.done < self.steps:
            with self.optimisation.ready(), explaining_out_of_memory(self.job, self.world, self._half_precision):
                self._train()
        self.optimisation.keep()
        return self.curves.frame()

    @property
    def _half_precision(self) -> bool:
        return self.optimisation.precision.name in ("bf16", "fp16")

    def _train(self) -> None:
        remaining = range(self.done, self.steps)
        coming = batches(
            self.task.examples, remaining, self.optimisation.division, self.world.device, self.execution.workers
        )
        self.progress = Progress(self.name, self.done, self.steps, self.world, self.log)
        asked = nullcontext(self.stop) if self.stop else stop_request()
        with self.progress, closing(coming), asked as stop:
            for _ in remaining:
                with self.progress.meter.waiting():
                    parts = next(coming)
                self._advance(parts)
                self._report()
                if self.world.any(stop.number is not None):
                    self._stop(stop.number)

    def _advance(self, parts: list[dict[str, Any]]) -> None:
        outcome = self.optimisation.advance(self.done, parts)
        self.skips.note(self.done, outcome, tells=self.world.leads)
        if outcome.finite:
            self.curves.add(outcome.values)
        self.done += 1
        self.progress.step()

    def _report(self) -> None:
        if self._due(self.execution.log_every):
            rate = learning_rate(self.done - 1, self.task.options)
            values = self.curves.point(self.done) | {"learning_rate": rate, "skipped_steps": self.skips.total}
            self.progress.point(values, self.done)
        if self.task.held_out is not None and self._due(self.execution.validate_every):
            self._validate()
        if self._due(self.execution.checkpoint_every):
            self._save()
        if self.task.preview is not None and self._due(self.execution.preview_every) and self.world.leads:
            with self.progress.meter.stopped(), self.optimisation.kept_weights():
                self.progress.show(self.task.preview(), self.done)

    def _due(self, every: int) -> bool:
        return self.done % every == 0 or self.done == self.steps

    def _validate(self) -> None:
        with self.progress.meter.stopped(), self.optimisation.kept_weights():
            loss = validation_loss(
                self.task, self.world, self.optimisation.precision, self.execution.validation_batches
            )
        self.curves.note(self.done, {"validation_loss": loss})
        self.progress.tell({"validation_loss": loss}, self.done)
        if loss < (math.inf if self.best is None else self.best):
            self.best = loss
            if self.world.leads:
                self.checkpoints.save_best(self.done, self._state())

    def _save(self) -> None:
        if self.world.leads:
            with self.progress.meter.stopped():
                self.checkpoints.save(self.done, self._state())

    def _stop(self, number: int | None) -> None:
        self._save()
        if self.world.leads:
            _log.warning(
                "%s: stopped after step %d of %d, all of it saved; the same command goes on from there",
                self.name,
                self.done,
                self.steps,
            )
        raise Stopped(number or signal.SIGTERM)

    def _state(self) -> dict[str, Any]:
        return {
            **self.optimisation.state(),
            "curves": self.curves.state(),
            "skips": self.skips.state(),
            "best": self.best,
        }

    def _resume(self) -> None:
        state = self.checkpoints.latest()
        if not self.world.agrees(state["step"] if state else 0):
            raise InputError(
                f"{self.name}: processes found different checkpoints in {self.checkpoints.folder}: that folder must "
                "be one and the same on all machines"
            )
        if state is None:
            return
        self.optimisation.restore(state)
        self.curves.restore(state["curves"])
        self.skips.restore(state["skips"])
        self.done, self.best = state["step"], state["best"]
