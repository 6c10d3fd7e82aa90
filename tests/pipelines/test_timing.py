import math

import pytest
from tests.reference.sizes import LFAE_OPTIONS as LFAE

from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.pipelines.timing.nodes import TimingOptions, time_generation

DM = DMOptions.model_validate(
    {"denoiser": {"dim": 8, "multipliers": [1], "feature_channels": 16, "condition_dim": 4, "heads": 1, "head_dim": 4}}
)


def timing(**options):
    small = {"image_size": 16, "num_frames": 2, "batch_size": 2, "warmup": 0, "repeats": 1}
    return TimingOptions.model_validate(small | options)


def test_the_defaults_are_the_papers():
    options = TimingOptions()
    assert (options.image_size, options.num_frames, options.batch_size) == (128, 40, 10)
    assert (options.sampler.name, options.sampler.steps) == ("ddpm", 1000)


@pytest.mark.parametrize(
    ("measured", "words"), [(None, "all 6 steps measured"), (1, "extrapolated from 1 and 2 steps")]
)
def test_time_memory_device_and_protocol_are_told(measured, words):
    options = timing(sampler={"name": "ddim", "steps": 6}, measured_steps=measured)
    scores = time_generation(LFAE, DM, options, "cpu")
    assert words in scores["timing.protocol"]
    assert "batch of 2, 2 frames of 16x16, ddim 6" in scores["timing.protocol"]
    assert math.isfinite(scores["timing.seconds_per_clip"])
    assert scores["timing.peak_memory_gib"] > 0
    assert "thread" in scores["timing.device"]
