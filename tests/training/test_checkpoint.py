import errno
import random
import resource
from pathlib import Path

import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training.checkpoint import Checkpoints
from lfdm_pipeline.workspace import Workspace


def state() -> dict[str, torch.Tensor]:
    return {"weights": torch.arange(50_000.0)}


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(Workspace(tmp_path, "a"), keep=2)


def test_any_changed_byte_of_the_weights_is_noticed(checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture) -> None:
    checkpoints.save(1, state())
    checkpoints.save(2, state())
    path = checkpoints.folder / "step_00000002.pt"
    whole = path.read_bytes()
    start = whole.index(torch.arange(20.0, 30.0).numpy().tobytes())
    for position in random.Random(0).sample(range(start, start + 100_000), 20):
        damaged = bytearray(whole)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        latest = checkpoints.latest()
        assert latest is not None
        assert latest["step"] == 1
    assert "step_00000002.pt is damaged and passed over" in caplog.text


def test_the_best_stays_beside_the_latest(checkpoints: Checkpoints) -> None:
    for step in range(1, 6):
        checkpoints.save(step, state())
        if step == 2:
            checkpoints.save_best(step, state())
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    assert names == ["best.pt", "step_00000004.pt", "step_00000005.pt"]
    assert torch.load(checkpoints.folder / "best.pt", weights_only=True)["step"] == 2


@pytest.mark.parametrize("keep", [1, 2])
def test_damaged_ones_that_were_passed_over_do_not_outlive_whole_ones(keep: int, tmp_path: Path) -> None:
    checkpoints = Checkpoints(Workspace(tmp_path, "a"), keep)
    for step in (8, 9):
        checkpoints.save(step, state())
        (checkpoints.folder / f"step_{step:08d}.pt").write_bytes(b"damaged")
    assert checkpoints.latest() is None
    for step in range(1, 4):
        checkpoints.save(step, state())
        latest = checkpoints.latest()
        assert latest is not None
        assert latest["step"] == step
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    assert names == [f"step_{step:08d}.pt" for step in range(4 - keep, 4)]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EIO, "Input/output error"),
        OSError(errno.ESTALE, "Stale file handle"),
        PermissionError(errno.EACCES, "Permission denied"),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_one_that_cannot_be_read_now_is_not_taken_for_damaged(
    error: Exception, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    for step in (1, 2):
        checkpoints.save(step, state())
    with monkeypatch.context() as patched:
        patched.setattr(torch, "load", fail)
        with pytest.raises(InputError, match=r"step_00000002.pt could not be read .* run the same command again"):
            checkpoints.latest()
    latest = checkpoints.latest()
    assert latest is not None
    assert latest["step"] == 2


def test_later_ones_that_nobody_found_damaged_stay(checkpoints: Checkpoints, tmp_path: Path) -> None:
    checkpoints.save(8, state())
    Checkpoints(Workspace(tmp_path, "a"), keep=2).save(1, state())
    latest = checkpoints.latest()
    assert latest is not None
    assert latest["step"] == 8


def test_a_file_cut_or_changed_anywhere_is_passed_over_unless_it_reads_the_same(checkpoints: Checkpoints) -> None:
    checkpoints.save(1, {"weights": torch.arange(5.0)})
    path = checkpoints.folder / "step_00000001.pt"
    whole = path.read_bytes()
    for position, byte in enumerate(whole):
        path.write_bytes(whole[:position] + bytes([byte ^ 128]) + whole[position + 1 :])
        latest = checkpoints.latest()
        assert latest is None or torch.equal(latest["weights"], torch.arange(5.0))
    for length in range(0, len(whole), 50):
        path.write_bytes(whole[:length])
        assert checkpoints.latest() is None


def test_another_training_has_none(checkpoints: Checkpoints, tmp_path: Path) -> None:
    checkpoints.save(1, state())
    assert Checkpoints(Workspace(tmp_path, "b"), keep=2).latest() is None


def test_a_full_disk_is_told_and_what_was_there_is_intact(checkpoints: Checkpoints) -> None:
    checkpoints.save(1, state())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(InputError, match=r"step_00000002.pt could not be written, .* GiB are free there"):
            checkpoints.save(2, state())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in checkpoints.folder.iterdir()] == ["step_00000001.pt"]
    latest = checkpoints.latest()
    assert latest is not None
    assert torch.equal(latest["weights"], state()["weights"])
