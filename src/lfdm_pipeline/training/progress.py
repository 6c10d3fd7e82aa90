"""What a training tells while it runs."""

from types import TracebackType
from typing import Self

from tqdm import tqdm

from lfdm_pipeline.run_log import Preview, RunLog
from lfdm_pipeline.training.meter import Meter
from lfdm_pipeline.training.world import World


class Progress:
    """Bar, live values and previews of a training; of several processes only the leading one tells anything.

    Args:
        name: of the training.
        done: steps taken before.
        steps: steps in all.
        world: the processes.
        log: receiver of live values and previews.
    """

    def __init__(self, name: str, done: int, steps: int, world: World, log: RunLog) -> None:
        self._name, self._log, self._tells = name, log, world.leads
        self._bar = tqdm(total=steps, initial=done, desc=name, unit="step", disable=not world.leads)
        self.meter = Meter(world.device)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def step(self) -> None:
        """A step was taken."""
        self.meter.step()
        self._bar.update()

    def point(self, values: dict[str, float], step: int) -> None:
        """Tell a point of the curves, with the rate, the wait for data and the memory since the last one."""
        if "loss" in values:
            self._bar.set_postfix(loss=f"{values['loss']:.4f}", refresh=False)
        self.tell(values | self.meter.point(), step)

    def tell(self, values: dict[str, float], step: int) -> None:
        """Tell values of named curves."""
        if self._tells:
            self._log({f"{self._name}/{key}": value for key, value in values.items()}, step)

    def show(self, preview: Preview, step: int) -> None:
        """Show what the network makes of a few examples."""
        if self._tells:
            self._log.preview(f"{self._name}/preview", preview, step)
