import numpy as np
import pytest
import torch

from lfdm_pipeline.showcase.pictures import alike, enlarge, factor_for, filmstrip, held, padded, to_frames


def test_images_become_frames_and_single_channels_grey():
    images = torch.tensor([0.0, 0.5, 2.0]).reshape(3, 1, 1, 1).expand(3, 1, 2, 4)
    frames = to_frames(images)
    assert frames.shape == (3, 2, 4, 3)
    assert frames[:, 0, 0].tolist() == [[0] * 3, [128] * 3, [255] * 3]


def test_enlarging_keeps_even_areas_even():
    picture = np.full((6, 8, 3), 90, np.uint8)
    assert (enlarge(picture, 3) == np.full((18, 24, 3), 90)).all()


def test_factor_is_the_smallest_that_reaches():
    assert [factor_for(64, 192), factor_for(128, 192), factor_for(300, 192)] == [3, 2, 1]


def test_held_repeats_the_last_frame():
    clip = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1).repeat(3, axis=3)
    assert held(clip, 5)[:, 0, 0, 0].tolist() == [0, 1, 2, 2, 2]


def test_filmstrip_has_gaps_between_only():
    frames = [np.full((2, 3, 3), value, np.uint8) for value in (10, 20)]
    assert filmstrip(frames, 1, (0, 0, 0))[0, :, 0].tolist() == [10, 10, 10, 0, 20, 20, 20]


@pytest.mark.parametrize(("have", "want", "before"), [(32, 40, 4), (39, 40, 0), (10, 100, 4), (50, 40, 0)])
def test_padding_repeats_each_end_four_times_where_there_is_room(have, want, before):
    clip = np.arange(have, dtype=np.uint8).reshape(-1, 1, 1, 1).repeat(3, axis=3)
    longer = padded(clip, want)[:, 0, 0, 0].tolist()
    assert len(longer) == max(have, want)
    assert longer[: before + 1] == [0] * (before + 1)
    assert longer[before : before + have] == list(range(have))
    assert set(longer[before + have :]) <= {have - 1}


def test_clips_of_all_sizes_come_to_the_largest_and_the_longest():
    def level(value, frames, size):
        return np.full((frames, size, size, 3), value, np.uint8)

    still, small, large = alike([level(10, 1, 8), level(20, 3, 16), level(30, 12, 32)])
    assert still.shape == (1, 32, 32, 3)
    assert small.shape == large.shape == (12, 32, 32, 3)
    assert (still == 10).all()
    assert (small == 20).all()
