"""The one training loop: everything about training that is not what one step computes."""

import math
from collections.abc import Iterator
from typing import Any, cast

import pandas as pd
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset
from tqdm import tqdm

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.training.checkpoint import Checkpoints
from lfdm_pipeline.training.curves import Curves
from lfdm_pipeline.training.ema import averaged
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.schedule import learning_rate
from lfdm_pipeline.training.seeding import step_generator
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.workspace import Workspace


class Trainer:
    """Trains a step module and leaves it with the weights to keep.

    The batch and the random numbers of step k are functions of (seed, k) alone, so that a training that was killed and
    resumed ends with the weights of one that was not.

    Args:
        task: what is trained.
        execution: what shapes the run only.
        workspace: folder of the artifact that is made; checkpoints of this identity in it are gone on from.
        device: where the step is computed.
        log: receiver of live values and pictures.
    """

    def __init__(
        self, task: TrainingTask, execution: ExecutionOptions, workspace: Workspace, device: torch.device, log: RunLog
    ) -> None:
        self.task, self.name, self.options, self.execution = task, task.name, task.options, execution
        self.step = step = task.step.to(device)
        self.checkpoints = Checkpoints(workspace, execution.keep_checkpoints)
        self.device, self.log = device, log
        options = task.options
        self.parameters = [p for p in step.trained.parameters() if p.requires_grad]
        self.optimiser = torch.optim.Adam(self.parameters, lr=options.learning_rate, betas=options.betas, fused=True)
        self.average = averaged(step.trained, options.ema_decay) if options.ema_decay else None
        self.curves = Curves()
        self.done = 0
        self.skipped = 0

    def fit(self) -> pd.DataFrame:
        """Train to the last step, from the latest checkpoint if there is one; return the curves.

        Raises:
            InputError: too many steps in a row were not finite.
        """
        self._resume()
        self.step.train()
        with tqdm(total=self.options.steps, initial=self.done, desc=self.name, unit="step") as bar:
            for batch in self._batches():
                losses = self._advance(batch)
                bar.update()
                self._report(losses, bar)
        if self.average is not None:
            self.step.trained.load_state_dict(self.average.module.state_dict())
        self.step.eval()
        return self.curves.frame()

    def _batches(self) -> Iterator[dict[str, Any]]:
        size, workers = self.options.batch_size, self.execution.workers
        loader = DataLoader(
            cast("Dataset[dict[str, Any]]", self.task.examples),
            sampler=range(self.done * size, self.options.steps * size),
            batch_size=size,
            num_workers=workers,
            pin_memory=self.device.type == "cuda",
            generator=torch.Generator(),
        )
        for batch in loader:
            yield {name: _on(value, self.device) for name, value in batch.items()}

    def _advance(self, batch: dict[str, Any]) -> dict[str, Tensor]:
        rate = learning_rate(self.done, self.options)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        randomness = Randomness(step_generator(self.task.seed, self.done))
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"):
            losses = self.step(batch, randomness)
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, self.options.clip_norm or math.inf)
        if torch.isfinite(norm) and torch.isfinite(losses.total):
            self.optimiser.step()
            if self.average is not None:
                self.average.update_parameters(self.step.trained)
            self.skipped = 0
        else:
            self._skip()
        self.done += 1
        return {"loss": losses.total.detach(), **losses.parts, "gradient_norm": norm}

    def _skip(self) -> None:
        self.skipped += 1
        if self.skipped >= self.options.max_skipped:
            raise InputError(
                f"{self.name}: loss or gradient not finite in {self.skipped} steps in a row, up to step {self.done}: "
                "lower the learning rate, set clip_norm, or use precision fp32, and run again: "
                "the last checkpoint is intact"
            )

    def _report(self, losses: dict[str, Tensor], bar: "tqdm[Any]") -> None:
        last = self.done == self.options.steps
        self.curves.add(losses)
        if self.done % self.execution.log_every == 0 or last:
            values = self.curves.point(self.done)
            bar.set_postfix(loss=f"{values['loss']:.4f}", refresh=False)
            rate = learning_rate(self.done - 1, self.options)
            self.log(
                {f"{self.name}/{key}": value for key, value in (values | {"learning_rate": rate}).items()},
                self.done,
            )
        if self.done % self.execution.checkpoint_every == 0 or last:
            self.checkpoints.save(self.done, self._state())
        if self.task.preview is not None and (self.done % self.execution.preview_every == 0 or last):
            self.step.eval()
            self.log.picture(f"{self.name}/preview", self.task.preview(), self.done)
            self.step.train()

    def _state(self) -> dict[str, Any]:
        return {
            "networks": self.step.trained.state_dict(),
            "average": self.average.state_dict() if self.average is not None else None,
            "optimiser": self.optimiser.state_dict(),
            "curves": self.curves.state(),
            "skipped": self.skipped,
        }

    def _resume(self) -> None:
        state = self.checkpoints.latest()
        if state is None:
            return
        self.step.trained.load_state_dict(state["networks"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.curves.restore(state["curves"])
        self.done, self.skipped = state["step"], state["skipped"]


def _on(value: Any, device: torch.device) -> Any:
    if not isinstance(value, Tensor):
        return value
    layout = torch.channels_last if value.ndim == 4 else torch.preserve_format
    return value.to(device, non_blocking=True, memory_format=layout)
