from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image

from lfdm_pipeline.showcase.scatter import POINT, SIZE, draw_scatter, write_names


def test_every_variant_is_a_point_where_its_scores_are(tmp_path):
    path = tmp_path / "chart.png"
    draw_scatter(path, {"few": (0.1, 100.0), "many": (10.0, 25.0)}, ("seconds", "distance"))
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - [int(POINT[i : i + 2], 16) for i in (1, 3, 5)]).sum(-1) < 12)
    left = columns < columns.mean()
    assert rows[left].mean() < rows[~left].mean(), "few steps: less time and the greater distance"
    assert np.ptp(columns) > pixels.shape[1] / 2
    assert list(tmp_path.iterdir()) == [path]


def test_without_any_score_the_chart_is_empty(tmp_path):
    draw_scatter(tmp_path / "chart.png", {}, ("seconds", "distance"))
    with Image.open(tmp_path / "chart.png") as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    assert (np.abs(pixels - [int(POINT[i : i + 2], 16) for i in (1, 3, 5)]).sum(-1) >= 12).all()


@settings(max_examples=20)
@given(st.tuples(*[st.tuples(st.floats(0.1, 5), st.floats(10, 90))] * 3))
def test_names_of_a_few_points_cover_no_other_name(points):
    figure = Figure(SIZE, layout="constrained")
    plot = figure.add_subplot()
    plot.set(xscale="log", xlim=(0.05, 10), ylim=(0, 100))
    texts = write_names(plot, dict(zip(("DDIM 10", "DDIM 20", "UniPC 10"), points, strict=True)), "black")
    boxes = [text.get_window_extent() for text in texts]
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))
    assert all(plot.bbox.x0 < box.x0 and box.x1 < plot.bbox.x1 for box in boxes)
