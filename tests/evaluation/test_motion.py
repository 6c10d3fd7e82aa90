import numpy as np
import pytest

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.evaluation.motion import Motion, mean_motion, motion_scores


def test_a_known_shift_has_its_length_in_pixels(tmp_path):
    flows = FlowStore(tmp_path)
    displacement = np.zeros((5, 2, 4, 4))
    displacement[1:, 0], displacement[1:, 1] = 2 * 3 / 63, 2 * 4 / 31  # 3 pixels of 64, 4 pixels of 32
    flows.write("a", displacement, np.ones((5, 1, 4, 4)))
    motion = mean_motion(flows, ["a"], 5, image_size=(32, 64))
    assert motion.displacement == pytest.approx(5 * 4 / 5, rel=1e-3)
    assert motion.motion == pytest.approx(motion.displacement)


def test_a_constant_offset_is_displacement_but_no_motion(tmp_path):
    flows = FlowStore(tmp_path)
    flows.write("a", np.full((6, 2, 4, 4), 0.25), np.ones((6, 1, 4, 4)))
    motion = mean_motion(flows, ["a"], 3, image_size=(9, 9))
    assert motion.displacement == pytest.approx(np.sqrt(2))
    assert motion.motion == 0


def test_ratios_are_left_out_where_nothing_moves():
    assert "generation.displacement_ratio" not in motion_scores(Motion(1, 1), Motion(0, 0))
    scores = motion_scores(Motion(1, 3), Motion(2, 4))
    assert scores["generation.displacement_ratio"] == 0.5
    assert scores["generation.motion_ratio"] == 0.75
