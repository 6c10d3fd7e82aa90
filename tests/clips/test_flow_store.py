import numpy as np
import pytest

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.errors import InputError


def test_keeps_flows_to_half_precision(tmp_path):
    rng = np.random.default_rng(0)
    displacement, occlusion = rng.uniform(-0.5, 0.5, (6, 2, 4, 4)), rng.uniform(0, 1, (6, 1, 4, 4))
    store = FlowStore(tmp_path)
    store.write("a", displacement, occlusion)
    read_displacement, read_occlusion = store.read("a")
    assert read_displacement.dtype == read_occlusion.dtype == np.float32
    # Half of float16's spacing below 0.5 and below 1.
    np.testing.assert_allclose(read_displacement, displacement, atol=2**-13)
    np.testing.assert_allclose(read_occlusion, occlusion, atol=2**-12)
    assert store.num_frames("a") == 6


def test_reads_chosen_frames(tmp_path, flows):
    displacement, occlusion = flows.read("clip0", np.array([0, 2, 2, 5]))
    np.testing.assert_array_equal(displacement[:, 0, 0, 0] * 64, [0, 2, 2, 5])
    assert occlusion.shape == (4, 1, 4, 4)
    assert flows.read("clip0", slice(1, 3))[0].shape == (2, 2, 4, 4)


@pytest.mark.parametrize(
    ("displacement", "occlusion"),
    [((3, 2, 4, 4), (2, 1, 4, 4)), ((3, 3, 4, 4), (3, 1, 4, 4)), ((3, 2, 4), (3, 1, 4))],
)
def test_refuses_shapes_that_do_not_belong_together(tmp_path, displacement, occlusion):
    with pytest.raises(InputError, match="'a'"):
        FlowStore(tmp_path).write("a", np.zeros(displacement), np.zeros(occlusion))


def test_refuses_values_that_are_not_finite(tmp_path):
    with pytest.raises(InputError, match="not finite"):
        FlowStore(tmp_path).write("a", np.full((1, 2, 4, 4), np.inf), np.zeros((1, 1, 4, 4)))


def test_a_slice_is_read_without_the_clip(tmp_path):
    # A hundred gigabytes by its header, a few kilobytes on the disk: read as a whole it would not fit anywhere.
    store, frames = FlowStore(tmp_path), 16_000_000
    np.lib.format.open_memmap(store.path("long"), "w+", np.float16, (frames, 3, 32, 32))[-1] = 0.5
    assert store.num_frames("long") == frames
    displacement, occlusion = store.read("long", np.array([0, 12_345_678, frames - 1]))
    assert displacement[:, 0, 0, 0].tolist() == occlusion[:, 0, 0, 0].tolist() == [0, 0, 0.5]
    assert store.read("long", slice(frames - 2, frames))[0].shape == (2, 2, 32, 32)
