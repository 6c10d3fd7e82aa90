import colorsys

import numpy as np
import pytest
from pydantic import ValidationError

from lfdm_pipeline.clips.augmentation import ColorJitter, ColorJitterOptions

IMAGES = np.random.default_rng(0).integers(40, 200, (2, 8, 8, 3), dtype=np.uint8)


def test_without_limits_nothing_changes():
    assert ColorJitter(ColorJitterOptions())(IMAGES, np.random.default_rng(0)) is IMAGES


def test_equal_images_stay_equal_and_the_generator_decides():
    jitter = ColorJitter(ColorJitterOptions(brightness=0.3, contrast=0.3, saturation=0.3, hue=0.1))
    pair = np.stack([IMAGES[0], IMAGES[0]])
    first = jitter(pair, np.random.default_rng(1))
    np.testing.assert_array_equal(first[0], first[1])
    np.testing.assert_array_equal(first, jitter(pair, np.random.default_rng(1)))
    assert (first != jitter(pair, np.random.default_rng(2))).any()
    assert first.dtype == np.uint8


def test_brightness_stays_within_its_limit():
    jitter = ColorJitter(ColorJitterOptions(brightness=0.25))
    ratios = [
        jitter(np.full((1, 4, 4, 3), 120, np.uint8), np.random.default_rng(seed)).mean() / 120 for seed in range(100)
    ]
    assert 0.74 < min(ratios) < 0.8
    assert 1.2 < max(ratios) < 1.26


def test_hue_stays_within_its_limit():
    jitter = ColorJitter(ColorJitterOptions(hue=0.04))
    red = np.full((1, 2, 2, 3), (200, 60, 60), np.uint8)
    hues = []
    for seed in range(60):
        pixel = jitter(red, np.random.default_rng(seed))[0, 0, 0] / 255
        hue = colorsys.rgb_to_hsv(*pixel)[0]
        hues.append((hue + 0.5) % 1 - 0.5)
    assert max(np.abs(hues)) < 0.047
    assert min(hues) < -0.02 < 0.02 < max(hues)


def test_limits_are_checked():
    with pytest.raises(ValidationError):
        ColorJitterOptions(brightness=1.5)
    with pytest.raises(ValidationError):
        ColorJitterOptions(gamma=0.1)
