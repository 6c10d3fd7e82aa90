"""Time and memory that generating takes (Table A3 of the supplement)."""

import numpy as np
import torch
from pydantic import Field

from lfdm_pipeline.device import pick_device
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.evaluation.scores import Scores
from lfdm_pipeline.evaluation.timing import GIB, Timed, device_name, time_calls
from lfdm_pipeline.generation.clips import GenerationOptions, Generator
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import ConditionVectors, label_vectors
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.options import Options

LABEL = "a label"


class TimingOptions(Options):
    """What is timed, and how; the defaults are the paper's Table A3."""

    image_size: int = Field(128, ge=8)
    """Height and width of the frames."""
    num_frames: int = Field(40, ge=2)
    """Frames of a clip."""
    batch_size: int = Field(10, ge=1)
    """Clips generated together."""
    sampler: SamplerOptions = SamplerOptions()
    """How flows are drawn."""
    warmup: int = Field(1, ge=0)
    """Batches generated before, unmeasured."""
    repeats: int = Field(3, ge=1)
    """Batches measured; their median counts."""
    measured_steps: int | None = Field(None, ge=1)
    """Steps that are really taken: of so many and of twice as many the time of all steps is extrapolated along a line;
    null takes all steps."""


def time_generation(lfae: LFAEOptions, dm: DMOptions, options: TimingOptions, device: str) -> Scores:
    """Time from reference frames to finished frames, with untrained networks of the configured sizes.

    Weights do not change the time; frames are random, and neither reading nor writing files is timed.
    """
    where = pick_device(device)
    generator = Generator(LFAE(lfae).eval().to(where), DM(dm).eval().to(where), _conditions(dm), where)
    whole, short = options.sampler.steps, options.measured_steps
    if short is None or 2 * short >= whole:
        measured = _timed(generator, options, whole)
        seconds, words = measured.median, f"all {whole} steps measured"
    else:
        part, measured = _timed(generator, options, short), _timed(generator, options, 2 * short)
        a_step = max(0.0, (measured.median - part.median) / short)
        seconds = measured.median + (whole - 2 * short) * a_step
        words = f"extrapolated from {short} and {2 * short} steps to {whole}"
    return {
        "timing.seconds_per_clip": seconds / options.batch_size,
        "timing.peak_memory_gib": measured.peak_memory / GIB,
        "timing.device": device_name(where),
        "timing.protocol": f"batch of {options.batch_size}, {options.num_frames} frames of {options.image_size}x"
        f"{options.image_size}, {options.sampler.name} {whole}; {words}; median of {options.repeats} after "
        f"{options.warmup} warm-up, device synchronised; torch {torch.__version__}",
    }


def _timed(generator: Generator, options: TimingOptions, steps: int) -> Timed:
    sampler = options.sampler.model_copy(update={"steps": steps})
    generation = GenerationOptions(num_frames=options.num_frames, batch_size=options.batch_size, sampler=sampler)
    rng = np.random.default_rng(0)
    size = (options.image_size, options.image_size, 3)
    requests = [
        Request(str(number), rng.integers(0, 256, size, np.uint8), LABEL, "nobody", "random")
        for number in range(options.batch_size)
    ]
    return time_calls(
        lambda: generator(requests, generation, 0, lambda: None),
        generator.device,
        options.warmup,
        options.repeats,
        f"{sampler.name}, {steps} steps at {options.image_size}",
    )


def _conditions(dm: DMOptions) -> ConditionVectors:
    return label_vectors((LABEL,), dm.denoiser.condition_dim, 0)
