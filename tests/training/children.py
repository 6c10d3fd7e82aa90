"""Trainings in child processes that can be killed without harm."""

import os
import signal
import traceback
from collections.abc import Callable, Mapping
from io import FileIO
from pathlib import Path
from typing import BinaryIO

import torch
from tests.training.stages import task
from torch import Tensor

from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.train import train
from lfdm_pipeline.workspace import Workspace

EXECUTION = ExecutionOptions(
    log_every=1, checkpoint_every=4, validate_every=3, validation_batches=1, preview_every=1000
)


class Silence:
    def __call__(self, values: Mapping[str, float], step: int) -> None: ...

    def preview(self, name: str, preview: Preview, step: int) -> None: ...


class StepsThrough(Silence):
    """Tells each step through a pipe as soon as it is logged."""

    def __init__(self, pipe: BinaryIO) -> None:
        self.pipe = pipe

    def __call__(self, values: Mapping[str, float], step: int) -> None:
        if any(name.endswith("/loss") for name in values):
            self.pipe.write(bytes([step]))
            self.pipe.flush()


def carry_out(stage: str, folder: Path, log: Silence, execution: ExecutionOptions = EXECUTION, **options: object):
    """Train a stage to its end; return its curves and its kept weights."""
    each = task(stage, folder, **options)
    curves = train(each, execution=execution, device="cpu", workspace=Workspace(folder / stage, "a"), log=log)
    return curves, each.step.trained.state_dict()


class Child:
    """A fork of this process, which has imported everything already; `steps` yields what it tells."""

    def __init__(self, function: Callable[[BinaryIO], object]) -> None:
        read, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(read)
            _run(function, os.fdopen(write, "wb"))
        os.close(write)
        self.steps = FileIO(read)

    def wait_for(self, step: int) -> bool:
        """Whether it told this step before it ended."""
        while told := self.steps.read(1):
            if told[0] >= step:
                return True
        return False

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def end(self) -> int:
        """Its exit status, negative for a signal."""
        _, status = os.waitpid(self.pid, 0)
        self.steps.close()
        return os.waitstatus_to_exitcode(status)


def _run(function: Callable[[BinaryIO], object], pipe: BinaryIO) -> None:
    # As a data loader's workers do: threads do not survive a fork.
    torch.set_num_threads(1)
    status = 1
    try:
        function(pipe)
        status = 0
    except SystemExit as error:
        status = int(error.code or 0)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def assert_same(first: object, second: object) -> None:
    """Every tensor and number in two nested states is the same, to the bit."""
    assert type(first) is type(second)
    if isinstance(first, Tensor):
        assert torch.equal(first, second)
    elif isinstance(first, Mapping):
        assert first.keys() == second.keys()
        for key, value in first.items():
            assert_same(value, second[key])
    elif isinstance(first, list | tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second
