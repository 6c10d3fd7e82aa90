import numpy as np
import pytest

from lfdm_pipeline.showcase.colours import flow_colours
from lfdm_pipeline.showcase.mesh import warped_mesh
from lfdm_pipeline.showcase.panels import (
    CAPTION_WIDTH,
    CELL,
    GAP,
    MARGIN,
    ROW_GAP,
    MovedClip,
    flow_panels,
    largest_motion,
    pixel_motion,
)


def test_motion_is_counted_in_pixels_of_the_size_asked_for():
    displacement = np.zeros((1, 2, 4, 4))
    displacement[:, 0] = 2 * 5 / 63
    motion = pixel_motion(displacement, 32, 64)
    assert motion.shape == (1, 32, 64, 2)
    np.testing.assert_allclose(motion[..., 0], 5, rtol=1e-5)
    np.testing.assert_allclose(motion[..., 1], 0)


def test_mesh_moves_against_the_backward_flow():
    still = np.zeros((64, 64, 2))
    moved = still.copy()
    moved[..., 0] = 1.0  # every pixel is taken from its right neighbour: the picture moves left
    np.testing.assert_array_equal(warped_mesh(moved)[:, :-1], warped_mesh(still)[:, 1:])


def cell_of(picture, row, column):
    top, left = MARGIN + 24 + row * (CELL + ROW_GAP), MARGIN + CAPTION_WIDTH + column * (CELL + GAP)
    return picture[top : top + CELL, left : left + CELL]


@pytest.mark.parametrize("size", [32, 64, 128])
def test_the_largest_motion_is_drawn_in_full_colour_and_less_of_it_paler(size):
    black = np.zeros((2, size, size, 3), np.uint8)
    strong, weak = (
        MovedClip(black[0], black, np.full((2, 2, 16, 16), length), np.zeros((2, 1, 16, 16)), black)
        for length in (0.25, 0.025)
    )
    full = max(largest_motion(strong), largest_motion(weak))
    assert full == largest_motion(strong) == pytest.approx(0.25 * np.sqrt(2) * (size - 1) / 2, rel=0.05)
    assert cell_of(flow_panels(strong, full, columns=2), 1, 0).min() == 0
    assert cell_of(flow_panels(weak, full, columns=2), 1, 0).min() > 220, "nearly white"


def test_what_is_less_than_a_pixel_is_no_motion():
    black = np.zeros((2, 64, 64, 3), np.uint8)
    still = MovedClip(black[0], black, np.full((2, 2, 16, 16), 0.001), np.zeros((2, 1, 16, 16)), black)
    assert largest_motion(still) == 1


@pytest.mark.parametrize("occlusion", [0.0, 1.0])
def test_panels_show_what_they_are_given(occlusion):
    frames = np.full((5, 64, 64, 3), 200, np.uint8)
    clip = MovedClip(
        reference=np.full((64, 64, 3), 77, np.uint8),
        warped=frames - 50,
        displacement=np.zeros((5, 2, 16, 16)),
        occlusion=np.full((5, 1, 16, 16), occlusion),
        result=frames,
    )
    picture = flow_panels(clip, full=1.0, columns=3)
    counts = {level: (picture == level).all(axis=-1).sum() for level in (77, 150, 200, round(255 * occlusion))}
    assert all(count >= 3 * 128 * 128 for count in counts.values())


def test_panels_show_the_flow_in_colours_and_as_a_warped_grid():
    black = np.zeros((2, 64, 64, 3), np.uint8)
    displacement = np.zeros((2, 2, 16, 16))
    displacement[1, 0] = 0.25
    clip = MovedClip(black[0], black, displacement, np.zeros((2, 1, 16, 16)), black)
    picture = flow_panels(clip, largest_motion(clip), columns=2)

    def cell(row, column):
        return cell_of(picture, row, column)

    assert (cell(1, 0) == 255).all(), "no motion is white"
    assert (cell(1, 1) == flow_colours(np.array([[[1.0, 0.0]]]), 1.001)[0, 0]).all()
    motion = pixel_motion(displacement, CELL, CELL)
    for column in (0, 1):
        np.testing.assert_array_equal(cell(2, column), warped_mesh(motion[column]))
    assert (cell(2, 0) != cell(2, 1)).any()
