import numpy as np
import pytest
import torch

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.generation.clips import GeneratedClip, GenerationOptions, Generator, generate_clips
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import label_vectors
from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

OPTIONS = GenerationOptions(num_frames=2, batch_size=2, sampler=SamplerOptions(name="ddim", steps=1))
REQUESTS = [Request(name, np.zeros((16, 16, 3), np.uint8), "nod", "ann", "clip0") for name in "abcde"]


class KilledError(Exception):
    pass


class Dying:
    """Generates grey clips, and notes each batch; dies at a batch of its own."""

    def __init__(self, at=None):
        self.at, self.batches = at, []

    def __call__(self, requests, options, seed, on_step):
        if len(self.batches) == self.at:
            raise KilledError
        self.batches.append([request.name for request in requests])
        on_step()
        frames = np.full((options.num_frames, 16, 16, 3), 99, np.uint8)
        return [GeneratedClip(frames, np.zeros((2, 2, 4, 4)), np.ones((2, 1, 4, 4))) for _ in requests]


def generate(generator, store):
    generate_clips(generator, REQUESTS, store, OPTIONS, seed=0, identity="00ff", device="a CPU")


def test_clips_are_written_batch_by_batch_and_a_killed_run_goes_on_with_what_is_missing(tmp_path):
    store, first, second = GeneratedStore(tmp_path), Dying(at=1), Dying()
    with pytest.raises(KilledError):
        generate(first, store)
    assert list(store) == ["a", "b"]
    written = {name: store.path(name).stat().st_mtime_ns for name in "ab"}
    generate(second, store)
    assert second.batches == [["c", "d"], ["e"]]
    assert list(store) == list("abcde")
    assert {name: store.path(name).stat().st_mtime_ns for name in "ab"} == written
    generate(Dying(at=0), store)  # nothing is left to do
    assert torch.tensor(store["e"]).float().mean() == pytest.approx(99, abs=2)


def test_how_many_clips_are_sampled_together_moves_no_more_than_last_bits():
    torch.manual_seed(0)
    blocks = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2)
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4)
    sizes = DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=16, condition_dim=8, heads=2, head_dim=8)
    generator = Generator(
        LFAE(LFAEOptions(num_regions=3, num_res_blocks=1, **blocks, **widths)).eval(),
        DM(DMOptions(denoiser=sizes)).eval(),
        label_vectors(("nod",), 8, 0),
        torch.device("cpu"),
    )
    rng = np.random.default_rng(0)
    requests = [Request(name, rng.integers(0, 256, (32, 32, 3), np.uint8), "nod", "ann", "clip0") for name in "abcd"]
    options = GenerationOptions(num_frames=3, sampler=SamplerOptions(name="ddim", steps=3))
    together = generator(requests, options, 0, lambda: None)
    for request, clip in zip(requests, together, strict=True):
        (alone,) = generator([request], options, 0, lambda: None)
        np.testing.assert_allclose(clip.displacement, alone.displacement, atol=1e-4)
        np.testing.assert_allclose(clip.frames.astype(int), alone.frames, atol=1)
