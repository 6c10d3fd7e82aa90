import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from lfdm_pipeline.shard import Shard, share_of


@given(st.lists(st.integers(), unique=True), st.integers(1, 9))
def test_shards_are_equal_and_miss_nothing(items, parts):
    shares = [share_of(items, f"{part}/{parts}") for part in range(1, parts + 1)]
    assert sorted(item for share in shares for item in share) == sorted(items)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    assert share_of(items, None) == items


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1/0", "1", "1-3", "a/b", " 1/3"])
def test_refuses_what_is_no_shard(shard):
    with pytest.raises(ValidationError, match="a shard is i/n"):
        TypeAdapter(Shard).validate_python(shard)
