"""A training killed at random moments ends with the bytes of one that was never killed."""

import random
import signal
from pathlib import Path

import pandas as pd
import pytest
import torch
from tests.training.children import EXECUTION, Child, Silence, StepsThrough, assert_same, carry_out
from tests.training.stages import SMALL_LFAE, SMALL_OBJECTIVE, corpus

from lfdm_pipeline.clips.frame_pairs import FramePairsOptions
from lfdm_pipeline.kept_models import KeptModels
from lfdm_pipeline.pipelines.lfae_training.nodes import train_lfae
from lfdm_pipeline.training.options import StageTrainingOptions, TrainingOptions
from lfdm_pipeline.workspace import Workspace

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
        ("decoder", {"ema_decay": 0.9}),
        ("adapters", {}),
        ("motion", {}),
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


REGION_STEPS = 6


def stage_one(folder: Path, log: Silence):
    """Regions alone, then all of the LFAE, as the pipeline's node does it."""
    table, clips, _ = corpus(folder)
    options = {"batch_size": 4, "learning_rate": 1e-3}
    lfae, curves = train_lfae(
        table,
        clips,
        SMALL_LFAE,
        SMALL_OBJECTIVE,
        FramePairsOptions(),
        region_training=TrainingOptions(steps=REGION_STEPS, **options),
        training=StageTrainingOptions(steps=STEPS - REGION_STEPS, **options),
        seed=3,
        execution=EXECUTION,
        device="cpu",
        kept_models=KeptModels(folder),
        workspace=Workspace(folder / "lfae", "a"),
        run_log=log,
    )
    return curves, lfae.state_dict()


class StepsOfBoth(StepsThrough):
    def __call__(self, values, step) -> None:
        super().__call__(values, step + (0 if "regions/loss" in values else REGION_STEPS))


def test_killed_in_either_part_of_stage_one_it_ends_with_the_same_bytes(tmp_path: Path) -> None:
    curves, weights = stage_one(tmp_path / "whole", Silence())
    folder = tmp_path / "killed"
    moments = sorted(random.Random("both").sample(range(1, STEPS), KILLS))
    assert moments[0] <= REGION_STEPS < moments[-1]
    for moment in moments:
        child = Child(lambda pipe: stage_one(folder, StepsOfBoth(pipe)))
        assert child.wait_for(moment)
        child.signal(signal.SIGKILL)
        assert child.end() == -signal.SIGKILL
    resumed_curves, resumed = stage_one(folder, Silence())
    assert_same(weights, resumed)
    pd.testing.assert_frame_equal(curves, resumed_curves, check_exact=True)
