from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.sources.naming import clip_ids
from lfdm_pipeline.clips.table import is_safe_clip_id

names = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)


def test_ids_are_paths_without_suffix():
    assert clip_ids(["smile/ann/take 1.mp4", "größe.AVI"]) == ["smile/ann/take 1", "größe"]


def test_suffixes_tell_equal_names_apart():
    assert clip_ids(["a.mp4", "a.avi", "b.mp4"]) == ["a_mp4", "a_avi", "b"]


def test_folders_keep_their_whole_name():
    assert clip_ids(["take.1", "take.2", "take.1.mp4"]) == ["take_1", "take.2", "take_1_mp4"]


@given(st.lists(st.lists(names, min_size=1, max_size=3).map(lambda parts: "/".join(parts) + ".mp4"), max_size=5))
def test_ids_are_always_safe(sources):
    assert all(is_safe_clip_id(clip_id) for clip_id in clip_ids(sources))


# Few characters, so that names come close to each other.
similar = st.text("aA._?*", min_size=1, max_size=3).filter(lambda name: name not in (".", ".."))


@given(st.lists(st.tuples(similar, st.sampled_from(["", ".mp4", ".avi"])).map("".join), max_size=6, unique=True))
def test_ids_always_differ_even_where_case_does_not_count(sources):
    ids = [clip_id.casefold() for clip_id in clip_ids(sources)]
    assert len(set(ids)) == len(ids)
