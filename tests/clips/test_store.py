import numpy as np
import pytest

from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError


def test_keeps_frames_exactly_and_read_only(tmp_path):
    store = ClipStore(tmp_path)
    frames = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)
    store.write("take/a", frames)
    np.testing.assert_array_equal(store["take/a"], frames)
    with pytest.raises(ValueError, match="read-only"):
        store["take/a"][0] = 0


def test_lists_what_it_holds(tmp_path):
    store = ClipStore(tmp_path / "not yet there")
    assert len(store) == 0
    frames = np.zeros((1, 2, 2, 3), np.uint8)
    for clip_id in ("b", "a.with.dots", "sub/c"):
        store.write(clip_id, frames)
    assert list(store) == ["a.with.dots", "b", "sub/c"]
    assert "sub/c" in store
    store.remove("b")
    store.remove("b")
    assert "b" not in store


def test_leaves_nothing_behind_but_the_clip(tmp_path):
    store = ClipStore(tmp_path)
    store.write("a", np.zeros((1, 2, 2, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"]


@pytest.mark.parametrize(
    "frames", [np.zeros((2, 4, 4, 3)), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4, 4, 3), np.uint8)]
)
def test_refuses_what_is_no_clip(tmp_path, frames):
    with pytest.raises(InputError, match="'a'"):
        ClipStore(tmp_path).write("a", frames)
    assert list(tmp_path.iterdir()) == []


def test_names_an_absent_and_a_damaged_clip(tmp_path):
    store = ClipStore(tmp_path)
    with pytest.raises(InputError, match="no clip 'a'"):
        store["a"]
    store.path("a").write_bytes(b"no array")
    with pytest.raises(InputError, match="damaged"):
        store["a"]
