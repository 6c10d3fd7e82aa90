import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from lfdm_pipeline.showcase.curves import curve_chart, curve_charts, smoothed


def points(svg, kind="line"):
    path = re.search(rf'class="{kind}" d="M([^"]+)"', svg)[1]
    return np.array([[float(v) for v in pair.split()] for pair in path.split("L")])


def test_a_rising_line_rises_to_the_right():
    steps = np.arange(10.0)
    line = points(curve_chart("loss", steps, 2 * steps))
    assert (np.diff(line[:, 0]) > 0).all()
    assert (np.diff(line[:, 1]) < 0).all()  # picture rows count downwards


def test_wide_ranges_are_logarithmic():
    steps = np.arange(6.0)
    line = points(curve_chart("loss", steps, 10.0**-steps))
    np.testing.assert_allclose(np.diff(line[:, 1]), np.diff(line[:, 1])[0], atol=0.2)


@pytest.mark.parametrize("values", [[0.0, 0.0], [3.0, 3.0], [-1.0, 1.0], [1e-9, 1e9]])
def test_every_chart_is_well_formed_and_inside_its_frame(values):
    svg = curve_chart("a <b> & c", np.array([1.0, 2.0]), np.array(values))
    assert ElementTree.fromstring(svg).get("aria-label") == "a <b> & c by step"
    assert (points(svg) >= 0).all()
    assert (points(svg)[:, 1] <= 190).all()


def test_smoothing_keeps_straight_lines_straight():
    np.testing.assert_allclose(smoothed(np.arange(60.0))[5:-5], np.arange(60.0)[5:-5])


def test_gaps_are_passed_over_and_single_points_left_out():
    history = pd.DataFrame({"step": [1, 2, 3], "loss": [3.0, np.nan, 1.0], "rare": [np.nan, np.nan, 1.0]})
    assert list(curve_charts(history)) == ["loss"]
    assert len(points(curve_charts(history)["loss"])) == 2
