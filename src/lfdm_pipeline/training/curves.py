"""Curves of a training: means over the steps since the last point."""

from typing import Any

import pandas as pd
from torch import Tensor


class Curves:
    """Collects losses a step and keeps their means a point; without timings, so that equal runs leave equal curves."""

    def __init__(self) -> None:
        self._points: list[dict[str, float]] = []
        self._sums: dict[str, float | Tensor] = {}
        self._count = 0

    def add(self, losses: dict[str, Tensor]) -> None:
        """Take the losses of one step; sums stay on their device until a point is closed."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value.detach()
        self._count += 1

    def point(self, step: int) -> dict[str, float]:
        """Close a point at `step`: the means since the last one; empty where no step was added since."""
        values = {name: float(total) / self._count for name, total in self._sums.items()}
        self._sums, self._count = {}, 0
        self.note(step, values)
        return values

    def note(self, step: int, values: dict[str, float]) -> None:
        """Put values beside those of `step`."""
        if self._points and self._points[-1]["step"] == step:
            self._points[-1] |= values
        elif values:
            self._points.append({"step": step, **values})

    def frame(self) -> pd.DataFrame:
        """All points: column `step` and one column a curve."""
        return pd.DataFrame(self._points)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        sums = {name: float(total) for name, total in self._sums.items()}
        return {"points": self._points, "sums": sums, "count": self._count}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from what `state` returned."""
        self._points, self._sums, self._count = state["points"], state["sums"], state["count"]
