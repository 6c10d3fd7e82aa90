import hashlib

import numpy as np

from lfdm_pipeline.clips.clip_writing import ClipWriter
from lfdm_pipeline.clips.store import ClipStore


def test_writes_what_the_store_would(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (1000, 4, 6, 3), dtype=np.uint8)
    store = ClipStore(tmp_path)
    writer = ClipWriter(store.path("a/b"))
    for frame in frames:
        writer.append(frame)
    assert "a/b" not in store
    assert writer.keep() == hashlib.sha256(frames.data).hexdigest()[:32]
    writer.discard()
    np.testing.assert_array_equal(store["a/b"], frames)
    assert list(store) == ["a/b"]


def test_leaves_nothing_of_what_is_not_kept(tmp_path):
    writer = ClipWriter(tmp_path / "a.npy")
    writer.append(np.zeros((4, 4, 3), np.uint8))
    assert list(tmp_path.iterdir())
    writer.discard()
    assert not list(tmp_path.iterdir())


def test_keeps_what_was_there_until_the_new_clip_is_whole(tmp_path):
    store = ClipStore(tmp_path)
    store.write("a", np.ones((2, 4, 4, 3), np.uint8))
    writer = ClipWriter(store.path("a"))
    writer.append(np.zeros((4, 4, 3), np.uint8))
    assert len(store["a"]) == 2
    writer.keep()
    assert len(store["a"]) == 1
