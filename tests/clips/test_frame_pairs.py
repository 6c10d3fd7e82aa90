import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from lfdm_pipeline.clips.augmentation import ColorJitterOptions
from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions

PLAIN = FramePairsOptions(flip_time=False, flip_horizontal=False, color_jitter=ColorJitterOptions())


def frame_index(clips, clip_id, image, mirrored=False):
    frames = clips[clip_id][:, :, ::-1] if mirrored else clips[clip_id]
    wanted = (image.permute(1, 2, 0) * 255).round().numpy().astype(np.uint8)
    return next((i for i, frame in enumerate(frames) if (frame == wanted).all()), None)


def test_a_pair_is_two_frames_of_one_clip_in_time_order(clips):
    pairs = FramePairs(clips, list(clips), seed=0, options=PLAIN)
    for draw in range(30):
        item, clip_id = pairs[draw], pairs.clip_id(draw)
        source, driving = (frame_index(clips, clip_id, item[name]) for name in ("source", "driving"))
        assert source is not None
        assert driving is not None
        assert source <= driving


@pytest.mark.parametrize("flip", ["flip_time", "flip_horizontal"])
def test_flips_happen_in_half_of_the_draws(clips, flip):
    pairs = FramePairs(clips, list(clips), seed=0, options=PLAIN.model_copy(update={flip: True}))
    flipped = 0
    for draw in range(200):
        item, clip_id = pairs[draw], pairs.clip_id(draw)
        if flip == "flip_horizontal":
            mirrored = frame_index(clips, clip_id, item["source"], mirrored=True) is not None
            assert mirrored == (frame_index(clips, clip_id, item["driving"], mirrored=True) is not None)
            flipped += mirrored
        else:
            source, driving = (frame_index(clips, clip_id, item[name]) for name in ("source", "driving"))
            flipped += source > driving
    # Two draws with replacement are one frame in an eighth of the cases, which shows no flip in time.
    assert 70 < flipped < 125


def test_one_jitter_for_both_frames(clips):
    clips.write("still", np.repeat(clips["clip0"][:1], 5, axis=0))
    pairs = FramePairs(clips, ["still"], seed=0, options=FramePairsOptions())
    for draw in range(5):
        torch.testing.assert_close(pairs[draw]["source"], pairs[draw]["driving"], rtol=0, atol=0)


def test_an_item_is_a_function_of_seed_and_number(clips):
    first = FramePairs(clips, list(clips), seed=1, options=FramePairsOptions())
    second = FramePairs(clips, list(clips), seed=1, options=FramePairsOptions())
    for draw in (11, 3, 1000):
        for name, image in first[draw].items():
            assert torch.equal(image, second[draw][name])
            assert image.dtype == torch.float32
            assert image.shape == (3, 16, 16)
            assert 0 <= image.min() <= image.max() <= 1
    other = FramePairs(clips, list(clips), seed=2, options=FramePairsOptions())
    assert not torch.equal(first[3]["source"], other[3]["source"])


def test_workers_give_the_same_batches(clips):
    pairs = FramePairs(clips, list(clips), seed=0, options=FramePairsOptions())
    alone, shared = (
        list(DataLoader(pairs, batch_size=4, sampler=range(5, 17), num_workers=workers)) for workers in (0, 2)
    )
    for a, b in zip(alone, shared, strict=True):
        assert torch.equal(a["source"], b["source"])
        assert torch.equal(a["driving"], b["driving"])
