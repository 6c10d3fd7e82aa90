import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.shard import Shard


@given(items=st.lists(st.integers(), unique=True), count=st.integers(1, 9))
def test_parts_are_the_whole_and_about_equally_long(items, count):
    parts = [Shard(number, count).part(items) for number in range(1, count + 1)]
    assert sorted(item for part in parts for item in part) == sorted(items)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_is_read_as_a_fraction():
    assert Shard.parse("2/8") == Shard(2, 8)


@pytest.mark.parametrize("text", [None, "", "0/3", "4/3", "1", "a/b", "-1/2", "1/0"])
def test_what_is_no_part_is_named(text):
    with pytest.raises(InputError, match="shard=2/8"):
        Shard.parse(text)
