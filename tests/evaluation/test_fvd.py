from itertools import pairwise

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from tests.evaluation.tiny_i3d import write_tiny_i3d

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation import frechet_distance
from lfdm_pipeline.evaluation.fvd import FVDOptions, generated_features, protocol_words, real_features
from lfdm_pipeline.evaluation.video_network import load_video_network

CPU = torch.device("cpu")
SMALL = {"frames": 4, "resolution": None, "batch_size": 3, "generated_clips": 50}


def ramp(clip_id, frames=9, size=16):
    """Frame t of clip `<n>...` has grey level 20 n + t."""
    return np.full((frames, size, size, 3), 20 * int(clip_id[0]), np.uint8) + np.arange(frames, dtype=np.uint8).reshape(
        -1, 1, 1, 1
    )


def first_and_last(clips):
    """Grey levels of the first and last frame."""
    return clips[:, 0, [0, -1], 0, 0] * 255


def generated(count):
    names = [f"{i}_{i}" for i in range(count)]
    table = pd.DataFrame({"name": names, "label": "nod", "subject": [f"s{i % 2}" for i in range(count)]})
    return {name: ramp(name, frames=4) for name in names}, table


def real():
    table = pd.DataFrame(
        {
            "clip_id": ["2b", "1a", "3c"],
            "label": ["nod", None, "turn"],
            "subject": "s",
            "split": ["test", "test", "train"],
        }
    )
    return {clip_id: ramp(clip_id) for clip_id in table["clip_id"]}, table


def test_the_defaults_are_the_papers():
    options = FVDOptions()
    assert (options.generated_clips, options.frames, options.resolution) == (10_000, 40, 128)
    assert (options.real_split, options.real_clips, options.real_sampling) == ("test", None, "uniform")
    assert options.network is None


def test_all_clips_are_taken_where_there_are_fewer_and_a_fixed_random_part_where_there_are_more():
    clips, table = generated(6)
    all_of_them = generated_features(first_and_last, clips, table, FVDOptions(**SMALL), 0, CPU)
    np.testing.assert_allclose(all_of_them.features[:, 0], 20 * np.arange(6), atol=1e-3)
    part = FVDOptions(**{**SMALL, "generated_clips": 3})
    chosen = [generated_features(first_and_last, clips, table, part, seed, CPU) for seed in (0, 0, 1, 2)]
    assert len(chosen[0].features) == len(set(chosen[0].features[:, 0])) == 3
    assert chosen[0].subjects == tuple(f"s{round(level / 20) % 2}" for level in chosen[0].features[:, 0])
    np.testing.assert_array_equal(chosen[0].features, chosen[1].features)
    assert len({tuple(each.features[:, 0]) for each in chosen}) > 1


def test_generated_clips_must_have_the_frames_of_the_protocol():
    clips, table = generated(2)
    with pytest.raises(InputError, match=r"frames=40, but generated clips have 4 frames"):
        generated_features(first_and_last, clips, table, FVDOptions(), 0, CPU)


def test_real_clips_are_those_of_the_split_from_first_to_last_frame():
    clips, table = real()
    found = real_features(first_and_last, clips, table, FVDOptions(**SMALL), 0, CPU)
    assert sorted(np.round(found.features).astype(int).tolist()) == [[20, 28], [40, 48]]
    everywhere = FVDOptions(**SMALL, real_split=None)
    assert len(real_features(first_and_last, clips, table, everywhere, 0, CPU).features) == 3


def test_more_real_clips_than_there_are_come_round_again_with_other_frames():
    clips, table = real()
    options = FVDOptions(**SMALL, real_clips=20, real_sampling="very_random")
    found = real_features(first_and_last, clips, table, options, 0, CPU)
    levels = np.round(found.features).astype(int)
    assert sorted(levels[:, 0].tolist()) == [20] * 10 + [40] * 10
    assert len(set(levels[:, 1])) > 4
    with pytest.raises(InputError, match="there are 2 real clips, and uniform sampling"):
        real_features(first_and_last, clips, table, FVDOptions(**SMALL, real_clips=3), 0, CPU)


def test_frames_are_brought_to_the_resolution_of_the_protocol():
    clips, table = real()
    options = FVDOptions(**{**SMALL, "resolution": 8})
    seen = real_features(lambda c: torch.full((len(c), 1), float(c.shape[-1])), clips, table, options, 0, CPU)
    assert (seen.features == 8).all()


@pytest.fixture
def distances_to_the_truth(tmp_path):
    """FVD of altered clips in the stand-in's features, by what was done to each frame."""
    network = load_video_network(write_tiny_i3d(tmp_path / "i3d.pt"), None, "network", CPU)
    rng = np.random.default_rng(0)
    truth = {str(i): rng.integers(0, 200, (4, 16, 16, 3), dtype=np.uint8) for i in range(24)}
    table = pd.DataFrame({"name": list(truth), "label": "nod", "subject": "s"})

    def features(alter):
        clips = {name: np.stack([alter(frame) for frame in clip]) for name, clip in truth.items()}
        return generated_features(network, clips, table, FVDOptions(**SMALL), 0, CPU).features

    return lambda *alterations: [frechet_distance(features(each), features(np.copy)) for each in alterations]


def shifted(frame):
    """A pixel to the right; what comes in repeats the edge."""
    return np.concatenate([frame[:, :1], frame[:, :-1]], axis=1)


def blurred(sigma):
    return lambda frame: cv2.GaussianBlur(frame, (0, 0), sigma)


def test_shifted_and_blurred_clips_rank_as_they_must(distances_to_the_truth):
    ranked = distances_to_the_truth(np.copy, shifted, blurred(0.5), blurred(2))
    assert ranked[0] == pytest.approx(0, abs=1e-9)
    assert all(nearer < farther for nearer, farther in pairwise(ranked))


def test_brightened_clips_are_as_far_as_their_means_have_moved(distances_to_the_truth):
    little, much = distances_to_the_truth(lambda frame: frame + 5, lambda frame: frame + 50)
    assert little == pytest.approx(3 * (5 / 127.5) ** 2, rel=1e-3)  # three channel means move, nothing else
    assert much == pytest.approx(100 * little, rel=1e-3)


def test_the_protocol_is_said_in_one_line():
    words = protocol_words(FVDOptions(), 60, 430, "ab" * 32)
    for part in ("60 generated (of 10,000 asked for)", "430 real", "test split", "40 frames", "128x128", "abab"):
        assert part in words
