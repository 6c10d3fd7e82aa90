"""A chart of what two scores of several variants are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lfdm_pipeline import atomic
from lfdm_pipeline.showcase.lettering import GROUND, INK

SIZE = (7.6, 4.2)  # inches
POINT = "#86a9ff"
_SIDES = {
    (8, 0): ("left", "center"),
    (-8, 0): ("right", "center"),
    (0, 8): ("center", "bottom"),
    (0, -8): ("center", "top"),
}


def draw_scatter(path: Path, points: Mapping[str, tuple[float, float]], axes: tuple[str, str]) -> None:
    """Draw a named point for each variant, as PNG.

    Args:
        path: The picture.
        points: x and y by the variant's name; x is drawn on a logarithmic axis and so is greater than 0.
        axes: What x and y are.
    """
    from matplotlib.figure import Figure

    ink, ground = ("#{:02x}{:02x}{:02x}".format(*colour) for colour in (INK, GROUND))
    figure = Figure(SIZE, dpi=160, facecolor=ground, layout="constrained")
    plot = figure.add_subplot(facecolor=ground)
    for point in points.values():
        plot.plot(*point, "o", color=POINT, markersize=7)
    plot.set_xscale("log")
    plot.xaxis.set_major_formatter("{x:g}")
    plot.set_ylim(bottom=0)
    plot.margins(x=0.15, y=0.15)
    plot.set_xlabel(axes[0], color=ink)
    plot.set_ylabel(axes[1], color=ink)
    plot.tick_params(which="both", colors=ink)
    plot.spines[["top", "right"]].set_visible(False)
    plot.spines[["bottom", "left"]].set_color(ink)
    write_names(plot, points, ink)
    with atomic.replacing(path) as temporary:
        figure.savefig(temporary, format="png")


def write_names(plot: Any, points: Mapping[str, tuple[float, float]], ink: str) -> list[Any]:
    """Write each name beside its point, on the first side where it stays within the chart and covers no other.

    Args:
        plot: matplotlib's axes, with all else drawn.
        points: x and y by name.
        ink: The colour.

    Returns:
        matplotlib's texts, in the order of the points.
    """
    # Nothing has a place before it was laid out, and names are not to move it any more.
    plot.figure.draw_without_rendering()
    plot.figure.set_layout_engine("none")
    texts: list[Any] = []
    dots = [plot.transData.transform(point) for point in points.values()]
    for name, point in points.items():
        text = plot.annotate(name, point, (0, 0), textcoords="offset points", color=ink, fontsize=9)
        free = (side for side in _SIDES if _is_free(_put(text, side), plot, dots, texts))
        _put(text, next(free, next(iter(_SIDES))))
        texts.append(text)
    return texts


def _put(text: Any, side: tuple[int, int]) -> Any:
    """Move a name to a side of its point and return what it covers there."""
    across, along = _SIDES[side]
    text.set(position=side, horizontalalignment=across, verticalalignment=along)
    return text.get_window_extent()


def _is_free(box: Any, plot: Any, dots: list[Any], texts: list[Any]) -> bool:
    return (
        plot.bbox.x0 < box.x0
        and box.x1 < plot.bbox.x1
        and not any(box.contains(*dot) for dot in dots)
        and not any(box.overlaps(text.get_window_extent()) for text in texts)
    )
