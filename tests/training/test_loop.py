from collections.abc import Container
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.training.options import ExecutionOptions, TrainingOptions
from lfdm_pipeline.training.step import Step
from lfdm_pipeline.training.task import TrainingTask
from lfdm_pipeline.training.train import train as carry_out
from lfdm_pipeline.workspace import Workspace

TRUTH = torch.tensor([[1.0, -2.0, 0.5]])


class Points:
    """Noiseless samples of a linear map, each a function of its draw alone."""

    def __getitem__(self, draw: int) -> dict[str, Tensor]:
        x = torch.randn(3, generator=torch.Generator().manual_seed(draw))
        return {"x": x, "y": TRUTH @ x}

    def clip_id(self, draw: int) -> str:
        return f"point {draw}"


class Regression(Step):
    """Squared error with a little noise of the step's own generator; broken in some calls."""

    def __init__(self, broken: Container[int] = ()) -> None:
        super().__init__()
        self.trained = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
        self.broken, self.calls = broken, 0

    def forward(self, batch: dict[str, Tensor], randomness: Randomness) -> Losses:
        noise = 0.01 * randomness.normal(*batch["y"].shape)
        error = (self.trained(batch["x"]) - batch["y"] + noise).square().mean()
        if self.calls in self.broken:
            error = (self.trained(batch["x"] * float("nan")) - batch["y"]).square().mean()
        self.calls += self.training
        return Losses(error, {"error": error.detach()})


class KilledError(Exception):
    pass


class Log:
    def __init__(self, kill_at: int | None = None) -> None:
        self.points: list[int] = []
        self.latest: dict[str, float] = {}
        self.previews: list[int] = []
        self.kill_at = kill_at

    def __call__(self, values, step):
        if step == self.kill_at:
            raise KilledError
        if "toy/loss" in values:
            self.points.append(step)
        self.latest |= values

    def preview(self, name, preview, step):
        self.previews.append(step)


def train(folder, step=None, log=None, identity="a", preview=None, held_out=None, max_skipped=10, **options):
    torch.manual_seed(3)
    step = step or Regression()
    training = {"steps": 60, "batch_size": 4, "learning_rate": 0.02, "ema_decay": 0.9} | options
    curves = carry_out(
        TrainingTask("toy", step, Points(), TrainingOptions(**training), "toy.training", 5, held_out, preview),
        execution=ExecutionOptions(
            log_every=7, checkpoint_every=10, preview_every=25, validate_every=20, max_skipped=max_skipped
        ),
        device="cpu",
        workspace=Workspace(folder, identity),
        log=log or Log(),
    )
    return curves, step.trained.state_dict()


def assert_same_weights(a, b):
    for name, tensor in a.items():
        assert torch.equal(tensor, b[name]), name


def test_learns_the_map(tmp_path):
    curves, _ = train(tmp_path, steps=400, batch_size=32)
    assert curves["loss"].tail(10).median() < 0.15 * curves["loss"].iloc[0]
    assert curves["step"].iloc[-1] == 400


@pytest.mark.parametrize("kill_at", [7, 21, 35, 56, 60])
def test_killed_and_resumed_equals_never_killed(tmp_path, kill_at):
    curves, weights = train(tmp_path / "whole")
    with pytest.raises(KilledError):
        train(tmp_path / "killed", log=Log(kill_at))
    resumed_curves, resumed = train(tmp_path / "killed")
    assert_same_weights(weights, resumed)
    pd.testing.assert_frame_equal(curves, resumed_curves)


def test_a_finished_training_is_not_repeated(tmp_path):
    curves, weights = train(tmp_path)
    step = Regression()
    again, same = train(tmp_path, step)
    assert step.calls == 0
    assert_same_weights(weights, same)
    pd.testing.assert_frame_equal(curves, again)


def test_another_identity_starts_anew(tmp_path):
    train(tmp_path)
    step = Regression()
    train(tmp_path, step, identity="b")
    assert step.calls == 60


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path):
    _, weights = train(tmp_path)
    latest = sorted((tmp_path / "checkpoints").iterdir())[-1]
    latest.write_bytes(latest.read_bytes()[:1000])
    step = Regression()
    _, again = train(tmp_path, step)
    assert step.calls == 10
    assert_same_weights(weights, again)


def test_only_the_latest_checkpoints_stay(tmp_path):
    train(tmp_path)
    names = sorted(path.name for path in (tmp_path / "checkpoints").iterdir())
    assert names == ["step_00000050.pt", "step_00000060.pt"]


def test_a_loss_that_is_not_finite_leaves_everything_as_it_is_and_stops_in_the_end(tmp_path):
    torch.manual_seed(3)
    step = Regression(broken=range(100))
    before = {name: tensor.clone() for name, tensor in step.trained.state_dict().items()}
    told = r"not finite in 4 steps in a row, the last of them step 4 on clips point 12, point 13, point 14, point 15:"
    with pytest.raises(InputError, match=told):
        train(tmp_path, step, max_skipped=4)
    assert_same_weights(before, step.trained.state_dict())


def test_a_gradient_that_is_not_finite_counts_though_the_loss_is(tmp_path):
    class Kinked(Regression):
        def forward(self, batch, randomness):
            losses = super().forward(batch, randomness)
            # Zero, with a slope that is not a number.
            return Losses(losses.total + (0 * self.trained[0].weight).square().sum().sqrt(), losses.parts)

    with pytest.raises(InputError, match=r"not finite in 2 steps in a row, the last of them step 2 on clips point 4"):
        train(tmp_path, Kinked(), max_skipped=2)


def test_a_lack_of_memory_is_explained_and_the_same_command_goes_on(tmp_path):
    class Greedy(Regression):
        def forward(self, batch, randomness):
            if self.calls == 25:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return super().forward(batch, randomness)

    with pytest.raises(InputError, match=r"toy: out of memory on cpu .* toy.training.accumulation=2"):
        train(tmp_path, Greedy())
    step = Regression()
    train(tmp_path, step)
    assert step.calls == 40


def test_a_training_that_stopped_goes_on_where_more_may_be_left_out(tmp_path):
    with pytest.raises(InputError, match=r"training.max_skipped=6 goes on from the last checkpoint"):
        train(tmp_path, Regression(broken=range(12, 20)), max_skipped=3)
    step, log = Regression(broken=range(2, 10)), Log()
    train(tmp_path, step, log, max_skipped=9)
    assert step.calls == 50
    assert log.latest["toy/skipped_steps"] == 8


def test_of_a_large_batch_the_log_names_every_clip(tmp_path, caplog):
    with pytest.raises(InputError, match=r"on clips point 0, .*, point 7 and 2 more, named in the log: look"):
        train(tmp_path, Regression(broken=range(100)), batch_size=10, max_skipped=1)
    assert "clips " + ", ".join(f"point {number}" for number in range(10)) in caplog.text


def test_single_steps_that_are_not_finite_are_left_out_and_counted(tmp_path, caplog):
    log = Log()
    curves, weights = train(tmp_path, Regression(broken=(20, 21, 40)), log, max_skipped=3)
    assert all(torch.isfinite(tensor).all() for tensor in weights.values())
    assert curves.notna().all().all()
    assert log.latest["toy/skipped_steps"] == 3
    assert caplog.text.count("left out, loss or gradient not finite") == 3
    assert "clips point 80, point 81, point 82, point 83" in caplog.text


def test_a_loss_scale_that_is_too_large_is_lowered_until_it_fits(tmp_path, caplog):
    class Steep(Regression):
        def forward(self, batch, randomness):
            losses = super().forward(batch, randomness)
            return Losses(1e4 * losses.total, losses.parts)

    log = Log()
    train(tmp_path, Steep(), log, precision="fp16", max_skipped=2)
    assert 2 < log.latest["toy/skipped_steps"] < 20
    assert "not finite" not in caplog.text


def test_parts_of_a_batch_add_up_to_the_whole(tmp_path):
    class Smooth(Regression):
        def __init__(self):
            super().__init__()
            self.trained = nn.Linear(3, 1)

    step = Smooth()
    whole, weights = train(tmp_path / "whole", deepcopy(step), steps=10)
    parts, again = train(tmp_path / "parts", step, steps=10, accumulation=2)
    pd.testing.assert_frame_equal(whole, parts)
    for name, tensor in weights.items():
        torch.testing.assert_close(tensor, again[name])


def test_validation_uses_the_weights_to_keep_and_finds_the_best(tmp_path):
    curves, weights = train(tmp_path, held_out=Points(), steps=60, learning_rate=0.2, batch_size=16)
    losses = curves.dropna(subset="validation_loss").set_index("step")["validation_loss"]
    assert list(losses.index) == [20, 40, 60]
    step = Regression()
    step.trained.load_state_dict(weights)
    assert torch.load(tmp_path / "checkpoints/best.pt", weights_only=True)["step"] == losses.idxmin()
    plain, same = train(tmp_path / "without", steps=60, learning_rate=0.2, batch_size=16)
    assert_same_weights(weights, same)
    pd.testing.assert_frame_equal(curves[plain.columns][curves["loss"].notna()].reset_index(drop=True), plain)


def test_a_full_disk_keeps_the_previous_checkpoint(tmp_path, monkeypatch):
    real_save = torch.save

    def save(state, path):
        if state["step"] == 30:
            raise OSError(28, "No space left on device")
        real_save(state, path)

    monkeypatch.setattr(torch, "save", save)
    with pytest.raises(InputError, match=r"No space left on device.*previous one is intact"):
        train(tmp_path / "full")
    monkeypatch.undo()
    assert sorted(path.name for path in (tmp_path / "full" / "checkpoints").iterdir()) == [
        "step_00000010.pt",
        "step_00000020.pt",
    ]
    _, weights = train(tmp_path / "whole")
    _, resumed = train(tmp_path / "full")
    assert_same_weights(weights, resumed)


def test_reports_points_and_pictures(tmp_path):
    log = Log()
    video = np.zeros((2, 4, 4, 3), np.uint8)
    train(tmp_path, log=log, preview=lambda: Preview(video[0], video, 8.0))
    assert log.points == [7, 14, 21, 28, 35, 42, 49, 56, 60]
    assert log.previews == [25, 50, 60]


def test_tells_how_it_goes(tmp_path):
    log = Log()
    curves, _ = train(tmp_path, log=log, held_out=Points())
    kept = {"loss", "error", "gradient_norm", "validation_loss"}
    live = kept | {"learning_rate", "skipped_steps", "steps_per_second", "data_wait", "peak_memory_gib"}
    assert set(log.latest) == {f"toy/{name}" for name in live}
    assert set(curves) == {"step"} | kept
    assert log.latest["toy/learning_rate"] == 0.02
    assert log.latest["toy/steps_per_second"] > 0
    assert 0 < log.latest["toy/data_wait"] < 1
    assert log.latest["toy/peak_memory_gib"] > 0.05
