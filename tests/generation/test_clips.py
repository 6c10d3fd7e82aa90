import numpy as np
import pytest
import torch

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.generation.clips import GeneratedClip, GenerationOptions, generate_clips
from lfdm_pipeline.generation.requests import Request

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
    generate_clips(generator, REQUESTS, store, OPTIONS, seed=0, identity="00ff")


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
