"""A training killed at random moments ends with the bytes of one that was never killed."""

import random
import signal
from pathlib import Path

import pandas as pd
import pytest
import torch
from tests.training.children import Child, Silence, StepsThrough, assert_same, carry_out

KILLS, STEPS = 5, 14


@pytest.fixture(autouse=True)
def _one_thread():
    # The children have one, and sums depend on how they are divided.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("stage", "options"),
    [
        ("regions", {}),
        ("lfae", {"accumulation": 2}),
        ("dm", {"ema_decay": 0.9, "clip_norm": 1.0}),
        ("probe", {"precision": "fp16"}),
    ],
)
def test_killed_five_times_it_ends_with_the_same_bytes(stage: str, options: dict, tmp_path: Path) -> None:
    curves, weights = carry_out(stage, tmp_path / "whole", Silence(), steps=STEPS, **options)

    folder = tmp_path / "killed"
    moments = sorted(random.Random(stage).sample(range(1, STEPS), KILLS))
    for moment in moments:
        child = Child(lambda pipe: carry_out(stage, folder, StepsThrough(pipe), steps=STEPS, **options))
        assert child.wait_for(moment)
        child.signal(signal.SIGKILL)
        assert child.end() == -signal.SIGKILL
    resumed_curves, resumed = carry_out(stage, folder, Silence(), steps=STEPS, **options)

    assert_same(weights, resumed)
    pd.testing.assert_frame_equal(curves, resumed_curves, check_exact=True)
    for name in (f"step_{STEPS:08d}.pt", "best.pt"):
        files = [at / stage / "checkpoints" / name for at in (tmp_path / "whole", folder)]
        first, second = (torch.load(path, weights_only=True) for path in files)
        assert_same(first, second)
