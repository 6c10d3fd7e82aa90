import torch
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.models.temporal_positions import RelativePositions, relative_bucket


def test_near_frames_have_their_own_bucket_and_far_ones_share() -> None:
    offsets = -torch.tensor([0, 1, 7, 8, 9, 11, 15, 16, 31, 32, 100])
    assert relative_bucket(offsets, 32, 32).tolist() == [0, 1, 7, 8, 8, 9, 11, 12, 15, 15, 15]


@given(st.integers(1, 500))
def test_keys_after_the_query_take_the_upper_half(distance: int) -> None:
    before, after = relative_bucket(torch.tensor([-distance, distance]), 32, 32).tolist()
    assert after == before + 16
    assert 0 < before < 16


@given(st.integers(0, 500))
def test_buckets_grow_with_distance(distance: int) -> None:
    nearer, farther = relative_bucket(-torch.tensor([distance, distance + 1]), 32, 32).tolist()
    assert farther in (nearer, nearer + 1)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 19))
def test_turned_products_depend_on_the_distance_alone(i: int, j: int, shift: int) -> None:
    positions = RelativePositions(heads=1, head_dim=8)(40)
    query, key = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    queries, keys = positions.rotate(query.expand(40, 8)), positions.rotate(key.expand(40, 8))
    torch.testing.assert_close(queries[i] @ keys[j], queries[i + shift] @ keys[j + shift])


def test_the_first_frame_is_not_turned() -> None:
    x = torch.randn(5, 8)
    torch.testing.assert_close(RelativePositions(1, 8)(5).rotate(x)[0], x[0])


def test_the_bias_is_the_bucket_s_embedding() -> None:
    relative = RelativePositions(heads=3, head_dim=4)
    bias = relative(6).bias
    assert bias.shape == (3, 6, 6)
    assert torch.equal(bias[:, 4, 1], relative.embedding.weight[3])
    assert torch.equal(bias[:, 1, 4], relative.embedding.weight[16 + 3])
