from itertools import repeat

import pytest
from tests.evaluation.clock import Clock
from tests.reference.sizes import LFAE_OPTIONS

from lfdm_pipeline.models.denoiser import Denoiser
from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.pipelines.timing.nodes import TimingOptions, time_generation

DM_OPTIONS = DMOptions.model_validate(
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
    scores = time_generation(LFAE_OPTIONS, DM_OPTIONS, options, "cpu")
    assert words in scores["timing.protocol"]
    assert "batch of 2, 2 frames of 16x16, ddim 6" in scores["timing.protocol"]
    assert scores["timing.seconds_per_clip"] > 0
    assert 0.01 < scores["timing.peak_memory_gib"] < 100
    assert "thread" in scores["timing.device"]


def seconds_per_clip(monkeypatch, step, **options):
    """Of batches of two whose decoding takes 5 seconds, and whose denoising what `step` says of each step."""
    clock, denoise, decode = Clock(), Denoiser.forward, LFAE.decode_clip

    def slowly_denoised(*arguments):
        clock.passes(next(step))
        return denoise(*arguments)

    def slowly_decoded(*arguments):
        clock.passes(5)
        return decode(*arguments)

    monkeypatch.setattr("lfdm_pipeline.evaluation.timing.time", clock)
    monkeypatch.setattr(Denoiser, "forward", slowly_denoised)
    monkeypatch.setattr(LFAE, "decode_clip", slowly_decoded)
    return time_generation(LFAE_OPTIONS, DM_OPTIONS, timing(**options), "cpu")["timing.seconds_per_clip"]


@pytest.mark.parametrize("measured", [None, 1, 2, 3, 4])
@pytest.mark.parametrize(("name", "steps"), [("ddim", 7), ("ddpm", 20)])
def test_extrapolated_or_not_a_clip_takes_as_long(monkeypatch, measured, name, steps):
    sampler = {"name": name, "steps": steps}
    seconds = seconds_per_clip(monkeypatch, repeat(2), sampler=sampler, measured_steps=measured)
    assert seconds == (steps * 2 + 5) / 2


def test_the_median_of_repeats_counts_and_the_warm_up_does_not(monkeypatch):
    steps = iter((90, 90, 1, 1, 70, 70, 3, 3))  # a batch has two
    sampler = {"name": "ddim", "steps": 2}
    assert seconds_per_clip(monkeypatch, steps, sampler=sampler, warmup=1, repeats=3) == (2 * 3 + 5) / 2


def test_where_more_steps_took_no_longer_none_of_them_takes_negative_time(monkeypatch):
    steps = iter((9, 2, 2))  # one step, then two
    sampler = {"name": "ddim", "steps": 50}
    assert seconds_per_clip(monkeypatch, steps, sampler=sampler, measured_steps=1) == (2 * 2 + 5) / 2
