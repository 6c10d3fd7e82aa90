import numpy as np

from lfdm_pipeline.clips.flow_index import keep_flows_of
from lfdm_pipeline.clips.flow_store import FlowStore


def extract(store: FlowStore, digests: dict[str, str]) -> list[str]:
    """Make the flows that are not there; returns whose."""
    keep_flows_of(store, digests)
    missing = [clip_id for clip_id in digests if clip_id not in store]
    for clip_id in missing:
        store.write(clip_id, np.zeros((2, 2, 4, 4)), np.zeros((2, 1, 4, 4)))
    return missing


def test_only_new_and_changed_clips_are_made(tmp_path):
    store = FlowStore(tmp_path)
    assert extract(store, {"a": "1", "b": "1"}) == ["a", "b"]
    assert extract(store, {"a": "1", "b": "1", "c": "1"}) == ["c"]
    assert extract(store, {"a": "1", "b": "2", "c": "1"}) == ["b"]
    assert extract(store, {"a": "1", "b": "2", "c": "1"}) == []


def test_flows_of_clips_that_are_gone_go(tmp_path):
    store = FlowStore(tmp_path)
    extract(store, {"a": "1", "b": "1"})
    extract(store, {"b": "1"})
    assert list(store) == ["b"]
    assert extract(store, {"a": "1", "b": "1"}) == ["a"]


def test_flows_of_unknown_frames_are_not_trusted(tmp_path):
    store = FlowStore(tmp_path)
    store.write("a", np.zeros((2, 2, 4, 4)), np.zeros((2, 1, 4, 4)))
    assert extract(store, {"a": "1"}) == ["a"]
