import numpy as np
import pytest

from lfdm_pipeline.showcase.colours import colour_wheel, flow_colours, wheel_picture


def vectors(angles, length=1.0):
    return length * np.stack([np.cos(angles), np.sin(angles)], axis=-1)[None]


def test_the_wheel_has_the_hues_of_the_benchmark():
    wheel = colour_wheel()
    assert wheel.shape == (55, 3)
    starts = wheel[[0, 15, 21, 25, 36, 49]]
    np.testing.assert_allclose(starts, [[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 1]])


def test_no_motion_is_white_and_full_motion_saturated():
    angles = np.linspace(-np.pi, np.pi, 90)
    assert (flow_colours(np.zeros((4, 4, 2)), 1.0) == 255).all()
    assert (flow_colours(vectors(angles, 0.9999), 1.0).min(axis=-1) == 0).all()


def test_right_is_red_and_left_is_cyan():
    colours = flow_colours(np.array([[[1.0, 0.0], [-1.0, 0.0]]]), 1.0)[0].astype(int)
    assert (colours[0] - [255, 0, 0]).tolist() == pytest.approx([0, 0, 0], abs=20)
    assert colours[1, 0] == 0
    assert colours[1, 1] > 150
    assert colours[1, 2] > 200


def test_hue_depends_on_direction_alone():
    angles = np.linspace(-np.pi, np.pi, 40)
    whole, half = (255 - flow_colours(vectors(angles, length), 4.0).astype(float) for length in (4.0, 2.0))
    np.testing.assert_allclose(half, whole / 2, atol=1)


def test_scaling_flow_and_bound_alike_changes_nothing():
    flow = np.random.default_rng(0).normal(size=(5, 6, 2))
    np.testing.assert_array_equal(flow_colours(flow, 2.0), flow_colours(flow * 8, 16.0))


def test_longer_than_full_is_darkened():
    angles = np.linspace(-np.pi, np.pi, 40)
    assert (flow_colours(vectors(angles, 1.1), 1.0).max(axis=-1) <= 192).all()


def test_the_key_is_round_and_white_in_the_middle():
    picture = wheel_picture(33, (1, 2, 3))
    assert picture[16, 16].min() > 245
    assert picture[0, 0].tolist() == [1, 2, 3]
    np.testing.assert_array_equal(picture[16, 4], flow_colours(np.array([[[-0.75, 0.0]]]), 1.001)[0, 0])
