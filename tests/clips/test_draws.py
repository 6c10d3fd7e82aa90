import pytest
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.draws import Draws
from lfdm_pipeline.errors import InputError


@given(num_items=st.integers(1, 50), seed=st.integers(0, 1000), epoch=st.integers(0, 1000))
def test_every_epoch_takes_every_item_once(num_items, seed, epoch):
    draws = Draws(num_items, seed)
    taken = [draws.item(epoch * num_items + i) for i in range(num_items)]
    assert sorted(taken) == list(range(num_items))


def test_epochs_and_seeds_differ():
    epochs = [[Draws(30, seed).item(e * 30 + i) for i in range(30)] for seed in (0, 1) for e in (0, 1)]
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_a_draw_does_not_depend_on_what_was_drawn_before():
    draws = Draws(7, seed=3)
    in_order = [(draws.item(d), draws.generator(d).random()) for d in range(40)]
    fresh = [(Draws(7, seed=3).item(d), Draws(7, seed=3).generator(d).random()) for d in reversed(range(40))]
    assert in_order == fresh[::-1]


def test_nothing_to_draw_from_says_what_to_do():
    with pytest.raises(InputError, match=r"no clip to train on.*test_subjects"):
        Draws(0, seed=0)
