"""A chart of what two scores of several variants are."""

from collections.abc import Mapping
from pathlib import Path

from lfdm_pipeline import atomic
from lfdm_pipeline.showcase.lettering import GROUND, INK

SIZE = (7.6, 4.2)  # inches
POINT = "#86a9ff"


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
    for number, (name, point) in enumerate(sorted(points.items(), key=lambda item: item[1][1])):
        plot.plot(*point, "o", color=POINT, markersize=7)
        # Names of neighbours would lie on each other, were they all on one side.
        side, aligned = (8, "left") if number % 2 == 0 else (-8, "right")
        plot.annotate(
            name, point, (side, 0), textcoords="offset points", ha=aligned, va="center", color=ink, fontsize=9
        )
    plot.set_xscale("log")
    plot.xaxis.set_major_formatter("{x:g}")
    plot.set_ylim(bottom=0)
    plot.margins(x=0.15, y=0.15)
    plot.set_xlabel(axes[0], color=ink)
    plot.set_ylabel(axes[1], color=ink)
    plot.tick_params(which="both", colors=ink)
    plot.spines[["top", "right"]].set_visible(False)
    plot.spines[["bottom", "left"]].set_color(ink)
    with atomic.replacing(path) as temporary:
        figure.savefig(temporary, format="png")
