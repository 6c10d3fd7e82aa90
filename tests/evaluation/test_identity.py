import tracemalloc

import cv2
import numpy as np
import pytest
import torch

from lfdm_pipeline.evaluation.identity import appearance, identity_scores, real_identity


def person(seed, size=48):
    """A textured picture: blotches in colours of its own."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (6, 6, 3)).astype(np.float32)
    return cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)


def described(picture):
    return appearance(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)


def distance(a, b):
    return float((described(a) - described(b)).abs().mean())


def test_what_moves_stays_itself_and_what_is_blurred_or_another_does_not():
    picture = person(0)
    shifted = np.roll(picture, 5, axis=1)
    blurred, smeared = cv2.GaussianBlur(picture, (0, 0), 2), cv2.GaussianBlur(picture, (0, 0), 6)
    assert distance(picture, picture) == 0
    assert distance(picture, shifted) < distance(picture, blurred) < distance(picture, smeared)
    assert distance(picture, shifted) < distance(picture, person(1)) / 3


def test_brightening_moves_a_description_by_as_much_as_it_brightens():
    grey, lighter = (np.full((32, 32, 3), level, np.uint8) for level in (100, 151))
    lightest = np.full((32, 32, 3), 202, np.uint8)
    assert distance(grey, lightest) == pytest.approx(2 * distance(grey, lighter), rel=1e-4)


def clips(*people):
    return {f"clip{i}": np.stack([np.roll(one, t, axis=1) for t in range(4)]) for i, one in enumerate(people)}


def test_own_faces_are_recognised_and_swapped_ones_are_not():
    ann, bob = person(0), person(1)
    names, subjects, reference = ["clip0", "clip1"], ["ann", "bob"], {"clip0": ann, "clip1": bob}.__getitem__
    right = identity_scores(clips(ann, bob), names, subjects, reference, 4)
    assert right["identity.accuracy"] == 1
    assert right["identity.distance"] < right["identity.stranger_distance"]
    assert right["identity.chance"] == 0.5
    wrong = identity_scores(clips(bob, ann), names, subjects, reference, 4)
    assert wrong["identity.accuracy"] == 0
    assert wrong["identity.distance"] == pytest.approx(right["identity.stranger_distance"])


def test_one_subject_has_no_strangers():
    scores = identity_scores(clips(person(0)), ["clip0"], ["ann"], lambda _: person(0), 4)
    assert set(scores) == {"identity.distance"}


class Rendered:
    """A clip of grey frames whenever it is asked for."""

    def __getitem__(self, clip_id):
        return np.full((2, 150, 150, 3), int(clip_id), np.uint8)


def test_many_clips_need_no_more_memory_than_a_few():
    def peak(count):
        names = [str(n) for n in range(count)]
        subjects = [f"s{n % 2}" for n in range(count)]
        tracemalloc.start()
        identity_scores(Rendered(), names, subjects, lambda name: Rendered()[name][0], 2)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(2)
    assert peak(60) < peak(4) + 10 * 67_500  # all references are 4 MB


def test_a_clip_that_stands_still_keeps_its_looks():
    still = np.repeat(person(0)[None], 4, axis=0)
    assert real_identity({"a": still}, ["a"], 4)["identity.real_distance"] == 0
    assert real_identity(clips(person(0)), ["clip0"], 4)["identity.real_distance"] > 0
