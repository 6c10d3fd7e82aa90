"""Weights, optimiser, loss scale and moving average, and how one step changes them."""

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.batch_norm import synchronise_batch_norm
from lfdm_pipeline.training.batches import Division
from lfdm_pipeline.training.ema import averaged
from lfdm_pipeline.training.networks import compiled, laid_out, lay_out_like_weights
from lfdm_pipeline.training.precision import Precision
from lfdm_pipeline.training.recomputation import recomputed
from lfdm_pipeline.training.schedule import learning_rate
from lfdm_pipeline.training.seeding import step_generator
from lfdm_pipeline.training.task import Job
from lfdm_pipeline.training.world import World


@dataclass(frozen=True)
class StepOutcome:
    """Losses and gradient norm of one step over all processes."""

    values: dict[str, Tensor]
    finite: bool
    """Whether all of them are, and the step was hence taken."""
    overflowed: bool
    """Whether it may be that only the loss scale was too large, which is lower from now on."""


class Optimisation:
    """All that a training changes.

    Args:
        job: what is trained, and how.
        world: the processes that share each batch.
    """

    def __init__(self, job: Job, world: World) -> None:
        self.task, self.options, self.execution, self.world = job.task, job.task.options, job.execution, world
        self.division = Division(job.task, world.rank, world.size)
        self.precision = Precision(self.options.precision, world.device)
        self.step = job.task.step.to(world.device)
        laid_out(self.step, self.execution.channels_last, world.device)
        if world.size > 1:
            synchronise_batch_norm(self.step, world.device)
        self.trained = self.step.trained
        self.parameters = [p for p in self.trained.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(
            self.parameters, lr=self.options.learning_rate, betas=self.options.betas, fused=True
        )
        self.average = averaged(self.trained, self.options.ema_decay) if self.options.ema_decay else None
        self._buffers = list(self.trained.buffers())
        self._buffers_before = [buffer.clone() for buffer in self._buffers]

    @contextmanager
    def ready(self) -> Iterator[None]:
        """Within, steps can be taken; the networks are wrapped only here."""
        with ExitStack() as wrappings:
            wrappings.enter_context(self.precision.tensor_cores())
            checkpointing = self.execution.activation_checkpointing
            if checkpointing:
                wrappings.enter_context(recomputed(self.step, self.step.blocks))
            default = self.world.device.type == "cuda" and not checkpointing
            if default if self.execution.compile is None else self.execution.compile:
                wrappings.enter_context(compiled(self.step.networks))
            self._parallel = self.world.parallel(self.step)
            self.step.train()
            yield
        self.step.eval()

    def advance(self, number: int, parts: list[dict[str, Any]]) -> StepOutcome:
        """Take step `number` (from 0) on this process's parts of its batch; a step that is not finite is left out."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(number, self.options)
        _copy(self._buffers, self._buffers_before)
        self.optimiser.zero_grad(set_to_none=True)
        values = self.world.mean(self._accumulate(number, parts))
        self.precision.scaler.unscale_(self.optimiser)
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.options.clip_norm or math.inf)
        finite = bool(torch.isfinite(norm) and torch.isfinite(values["loss"]))
        if finite:
            self.optimiser.step()
            if self.average is not None:
                self.average.update_parameters(self.trained)
        else:
            # Batch statistics that are not finite would stay so for ever.
            _copy(self._buffers_before, self._buffers)
        overflowed = not finite and bool(torch.isfinite(values["loss"])) and self.precision.can_lower_scale()
        self.precision.scaler.update()
        return StepOutcome(values | {"gradient_norm": norm}, finite, overflowed)

    def _accumulate(self, number: int, parts: list[dict[str, Any]]) -> dict[str, Tensor]:
        """Add up the gradients of the parts; return the mean of their losses."""
        sums: dict[str, Tensor] = {}
        for turn, part in enumerate(parts):
            randomness = Randomness(
                step_generator(self.task.seed, number), self.division.part(turn), self.division.parts
            )
            last = turn == len(parts) - 1
            with nullcontext() if last else self.world.without_exchange(self._parallel):
                with self.precision.autocast():
                    losses = self._parallel(part, randomness)
                self.precision.scaler.scale(losses.total / len(parts)).backward()
            for name, value in {"loss": losses.total, **losses.parts}.items():
                sums[name] = sums[name] + value.detach() if name in sums else value.detach()
        return {name: total / len(parts) for name, total in sums.items()}

    @contextmanager
    def kept_weights(self) -> Iterator[None]:
        """Within, the networks are in eval mode and hold the weights that the training would keep now."""
        own = None
        if self.average is not None:
            own = {name: value.clone() for name, value in self.trained.state_dict().items()}
        self.keep()
        try:
            yield
        finally:
            if own is not None:
                self.trained.load_state_dict(own)
            self.step.train()

    def keep(self) -> None:
        """Put the weights to keep into the networks, which are left in eval mode."""
        if self.average is not None:
            self.trained.load_state_dict(self.average.module.state_dict())
        self.step.eval()

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {
            "networks": self.trained.state_dict(),
            "average": self.average.state_dict() if self.average is not None else None,
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.precision.scaler.state_dict(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self.trained.load_state_dict(state["networks"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        lay_out_like_weights(self.optimiser)
        if state["scaler"]:
            self.precision.scaler.load_state_dict(state["scaler"])


def _copy(source: list[Tensor], target: list[Tensor]) -> None:
    if source:
        torch._foreach_copy_(target, source)
