import numpy as np
import pytest

from lfdm_pipeline.showcase.grid import CaptionedClip, clip_grid

REFERENCE = np.full((64, 64, 3), 77, np.uint8)


def clips(count, frames=4, caption="nod"):
    return [CaptionedClip(caption, np.full((frames + i % 2, 64, 64, 3), 100 + i, np.uint8)) for i in range(count)]


@pytest.mark.parametrize("count", [1, 4, 6, 7, 24, 26])
def test_every_clip_is_seen_whole_and_once(count):
    grid = clip_grid(REFERENCE, clips(count))
    assert grid.shape[1] % 2 == grid.shape[2] % 2 == 0
    for i in range(count):
        assert (grid[0] == 100 + i).all(axis=-1).sum() >= 192 * 192
    assert (grid[0] == 77).all(axis=-1).sum() >= 192 * 192


def test_all_clips_last_as_long_as_the_longest_and_the_rest():
    assert len(clip_grid(REFERENCE, clips(3, frames=4), hold=3)) == 5 + 3


def test_only_the_clips_move():
    moving = CaptionedClip("turn", np.random.default_rng(0).integers(0, 255, (3, 64, 64, 3), np.uint8))
    grid = clip_grid(REFERENCE, [moving]).astype(int)
    assert (grid[1] != grid[0]).any(axis=-1).sum() <= 192 * 192


def test_long_captions_make_room_for_themselves():
    short = clip_grid(REFERENCE, clips(2))
    long = clip_grid(REFERENCE, clips(2, caption="draw circle counter clockwise with the right arm"))
    assert long.shape[1] > short.shape[1]
    assert long.shape[2] == short.shape[2]
