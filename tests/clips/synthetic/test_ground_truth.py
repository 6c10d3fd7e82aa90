import numpy as np
import pytest

from lfdm_pipeline.clips.synthetic.ground_truth import (
    GroundTruth,
    identity_flow,
    read_ground_truth,
    write_ground_truth,
)
from lfdm_pipeline.errors import InputError


def test_the_identity_is_corner_aligned():
    flow = identity_flow(3, 5)
    np.testing.assert_allclose(flow[:, :, 0], np.tile([-1, -0.5, 0, 0.5, 1], (3, 1)))
    np.testing.assert_allclose(flow[:, 0, 1], [-1, 0, 1])


def test_comes_back_from_its_file(tmp_path):
    rng = np.random.default_rng(0)
    flow = identity_flow(10, 13) + rng.uniform(-0.6, 0.6, (4, 10, 13, 2)).astype(np.float32)
    truth = GroundTruth(flow, rng.random((4, 10, 13)) < 0.7)
    write_ground_truth(tmp_path / "a.npz", truth)
    read = read_ground_truth(tmp_path / "a.npz")
    assert read.flow.dtype == np.float32
    np.testing.assert_allclose(read.flow, flow, atol=3e-4)
    np.testing.assert_array_equal(read.visible, truth.visible)


def test_what_is_no_ground_truth_is_named(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"nothing")
    for name in ("a.npz", "absent.npz"):
        with pytest.raises(InputError, match=name):
            read_ground_truth(tmp_path / name)
