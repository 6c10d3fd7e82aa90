import numpy as np
import pytest

from lfdm_pipeline.showcase.blocks import Block, Head, block_grid
from lfdm_pipeline.showcase.pictures import padded


def level(value, frames=4, size=64):
    return np.full((frames, size, size, 3), value, np.uint8)


def heads(count):
    return [Head(f"subject {i}", level(70 + i)[0]) for i in range(count)]


def count(frame, value):
    return (frame == value).all(axis=-1).sum()


def test_every_clip_is_seen_whole_and_once_and_beside_its_head():
    blocks = [
        Block(title, ["nod", "turn"], [[level(base + 2 * row + column) for column in range(2)] for row in range(4)])
        for title, base in (("DDIM 10", 100), ("DDPM 1000", 120))
    ]
    grid = block_grid(heads(4), blocks)
    assert grid.shape[0] == 4
    assert grid.shape[1] % 2 == grid.shape[2] % 2 == 0
    for value in (*range(100, 108), *range(120, 128), *range(70, 74)):
        assert count(grid[0], value) >= 128 * 128, value


def test_smaller_clips_are_enlarged_to_the_largest():
    grid = block_grid(heads(1), [Block("a", [""], [[level(100, size=32)]]), Block("b", [""], [[level(120, size=160)]])])
    assert count(grid[0], 100) >= 160 * 160
    assert count(grid[0], 120) >= 160 * 160


def test_shorter_clips_stand_still_at_both_ends():
    ramp = np.arange(100, 108, dtype=np.uint8).reshape(-1, 1, 1, 1) * np.ones((1, 64, 64, 3), np.uint8)
    blocks = [Block("short", [""], [[ramp]]), Block("long", [""], [[level(200, frames=16)]])]
    grid = block_grid(heads(1), blocks, hold=2)
    assert len(grid) == 18
    seen = [next(v for v in range(100, 108) if count(frame, v) >= 128 * 128) for frame in grid]
    assert seen == [100] * 5 + list(range(101, 107)) + [107] * 7


@pytest.mark.parametrize(("have", "want", "before"), [(32, 40, 4), (39, 40, 0), (10, 100, 4), (50, 40, 0)])
def test_padding_repeats_each_end_four_times_where_there_is_room(have, want, before):
    clip = np.arange(have, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, axis=3)
    longer = padded(clip, want)[:, 0, 0, 0].tolist()
    assert len(longer) == max(have, want)
    assert longer[: before + 1] == [0] * (before + 1)
    assert longer[before : before + have] == list(range(have))
    assert set(longer[before + have :]) <= {have - 1}


def test_a_missing_clip_leaves_its_place_empty():
    blocks = [Block("a", ["", ""], [[level(100), None]])]
    grid = block_grid(heads(1), blocks)
    assert count(grid[0], 100) >= 128 * 128
    assert count(grid[0], 32) == 0
    assert (grid[0] == (32, 35, 42)).all(axis=-1).sum() >= 128 * 128
