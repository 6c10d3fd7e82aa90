"""Training curves as vector graphics that take their colours from the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

import numpy as np
import pandas as pd
from numpy.typing import NDArray

WIDTH, HEIGHT = 340, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 20, 12, 26
LOG_FROM = 30.0  # ratio of largest to smallest value from which the axis is logarithmic
SMOOTHED_OVER = 1 / 15  # of all points

Values = NDArray[np.float64]


def curve_charts(history: pd.DataFrame) -> dict[str, str]:
    """Draw each curve of a training as an SVG element.

    Args:
        history: Column `step` and one column a curve; gaps (NaN) are passed over.

    Returns:
        SVG source by the curve's name; empty where a curve has fewer than two points.
    """
    charts = {}
    for name in history.columns.drop("step"):
        points = history[["step", name]].dropna()
        if len(points) > 1:
            charts[str(name)] = curve_chart(str(name), points["step"].to_numpy(float), points[name].to_numpy(float))
    return charts


def curve_chart(name: str, steps: Values, values: Values) -> str:
    """Draw one curve (at least two points), faint as measured and firm as smoothed, as an SVG element."""
    shown = smoothed(values) if len(values) >= 20 else values
    y = _axis(values, HEIGHT - BOTTOM, TOP)
    x = _Axis(steps[0], steps[-1], LEFT, WIDTH - RIGHT, False)
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(name)} by step">',
        *(_horizontal(y, tick) for tick in y.ticks(4)),
        *(_below(x, tick) for tick in x.ticks(4)),
        f'<path class="raw" d="{_path(x, y, steps, values)}"/>' if shown is not values else "",
        f'<path class="line" d="{_path(x, y, steps, shown)}"/>',
        "</svg>",
    ]
    return "".join(parts)


def smoothed(values: Values) -> Values:
    """Return the moving average, centred so that it does not lag."""
    window = 2 * max(1, round(len(values) * SMOOTHED_OVER / 2)) + 1
    return pd.Series(values).rolling(window, center=True, min_periods=1).mean().to_numpy()


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float
    start: float
    end: float
    logarithmic: bool

    def __call__(self, values: Values) -> Values:
        low, high, values = (np.log10(v) if self.logarithmic else np.asarray(v) for v in (self.low, self.high, values))
        return self.start + (values - low) / (high - low) * (self.end - self.start)

    def ticks(self, count: int) -> list[float]:
        from matplotlib.ticker import LogLocator, MaxNLocator

        decades = log10(self.high / self.low) if self.logarithmic else 0.0
        subs = (1.0,) if decades > 3 else (1.0, 3.0)
        locator = LogLocator(subs=subs, numticks=8) if self.logarithmic else MaxNLocator(count)
        return [float(t) for t in locator.tick_values(self.low, self.high) if self.low <= t <= self.high]


def _axis(values: Values, start: float, end: float) -> _Axis:
    low, high = float(values.min()), float(values.max())
    if low > 0 and high / low > LOG_FROM:
        return _Axis(low, high, start, end, True)
    margin = 0.05 * (high - low) or 0.5 * abs(high) or 1.0
    return _Axis(0.0 if 0 <= low < 0.3 * high else low - margin, high + margin, start, end, False)


def _path(x: _Axis, y: _Axis, steps: Values, values: Values) -> str:
    points: Sequence[str] = [f"{a:.1f} {b:.1f}" for a, b in zip(x(steps), y(values), strict=True)]
    return "M" + "L".join(points)


def _horizontal(y: _Axis, tick: float) -> str:
    height = float(y(np.array(tick)))
    return (
        f'<path class="rule" d="M{LEFT} {height:.1f}H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT - 6}" y="{height + 3.5:.1f}" text-anchor="end">{_short(tick)}</text>'
    )


def _short(tick: float) -> str:
    if tick == 0 or abs(tick) >= 1e-3:
        return f"{tick:.3g}"
    mantissa, exponent = f"{tick:.1e}".split("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"


def _below(x: _Axis, tick: float) -> str:
    return f'<text x="{float(x(np.array(tick))):.1f}" y="{HEIGHT - 8}" text-anchor="middle">{tick:,.0f}</text>'
