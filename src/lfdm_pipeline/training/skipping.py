"""Steps that are left out because a loss or gradient was not finite."""

import logging

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.optimisation import StepOutcome
from lfdm_pipeline.training.task import Job

_log = logging.getLogger(__name__)
_CLIPS_IN_ERROR = 8


class Skips:
    """Counts them, names their clips, and stops a training that only skips."""

    def __init__(self, job: Job) -> None:
        self._task, self._most = job.task, job.execution.max_skipped
        self.total, self.in_row = 0, 0

    def note(self, step: int, outcome: StepOutcome, tells: bool) -> None:
        """Take note of step `step` (from 0); of several processes one `tells`.

        Raises:
            InputError: too many in a row were left out.
        """
        if outcome.finite:
            self.in_row = 0
            return
        self.total += 1
        if outcome.overflowed:
            return
        self.in_row += 1
        clips, name = self._task.clips_of(step), self._task.parameters
        if tells:
            _log.warning(
                "%s: step %d left out, loss or gradient not finite (%d so far); clips %s",
                self._task.name,
                step + 1,
                self.total,
                ", ".join(clips),
            )
        if self.in_row >= self._most:
            raise InputError(
                f"{self._task.name}: loss or gradient not finite in {self.in_row} steps in a row, the last of them "
                f"step {step + 1} on clips {_some(clips)}: look at these clips; training.max_skipped={2 * self._most} "
                f"goes on from the last checkpoint and may leave out more; a lower {name}.learning_rate, "
                f"{name}.clip_norm or {name}.precision=fp32 is another training"
            )

    def state(self) -> dict[str, int]:
        """What a checkpoint keeps."""
        return {"total": self.total, "in_row": self.in_row}

    def restore(self, state: dict[str, int]) -> None:
        """Go on from what `state` returned."""
        self.total, self.in_row = state["total"], state["in_row"]


def _some(clips: list[str]) -> str:
    more = len(clips) - _CLIPS_IN_ERROR
    return ", ".join(clips[:_CLIPS_IN_ERROR]) + (f" and {more} more, named in the log" if more > 0 else "")
