from pathlib import Path

import pytest

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.workspace import Workspace


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "clips"


def test_a_claim_keeps_pieces_of_its_own_and_removes_those_of_another(folder):
    (Workspace(folder, "a").claim() / "piece").write_text("1")
    assert (Workspace(folder, "a").claim() / "piece").exists()
    assert not (Workspace(folder, "b").claim() / "piece").exists()


def pieces(folder):
    return {path.name for path in folder.rglob("[!.]*") if path.is_file()}


def trained(folder, identity, *steps):
    """The folder of a training, with checkpoints of these steps."""
    claimed = Workspace(folder, identity, beside=True).claim()
    for step in steps:
        (claimed / step).write_text(identity)
    return pieces(claimed)


def test_a_training_gets_back_what_another_configuration_found(folder, caplog):
    previous = folder.with_name("clips.previous")
    trained(folder, "a", "a1", "a2")
    assert trained(folder, "b", "b1") == {"b1"}
    assert pieces(previous) == {"a1", "a2"}
    assert "is kept as clips.previous; a run with that configuration takes it back" in caplog.text
    assert trained(folder, "a") == {"a1", "a2"}
    assert pieces(previous) == {"b1"}
    assert trained(folder, "b") == {"b1"}
    trained(folder, "c")
    assert pieces(previous) == {"b1"}
    assert "instead of what was kept there before" in caplog.text
    assert {path.name for path in folder.parent.iterdir()} == {"clips", "clips.previous"}


def test_a_run_that_came_to_nothing_replaces_nothing(folder):
    trained(folder, "a", "a1")
    trained(folder, "b")
    trained(folder, "c")
    assert trained(folder, "a") == {"a1"}
    assert not folder.with_name("clips.previous").exists()


@pytest.mark.parametrize("renames", [0, 1, 2])
def test_killed_while_they_change_places_nothing_is_lost(folder, renames, monkeypatch):
    trained(folder, "a", "a1")
    trained(folder, "b", "b1")
    rename, done = Path.rename, []

    def dying(path, target):
        if len(done) == renames:
            raise KeyboardInterrupt
        done.append(path)
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dying)
        with pytest.raises(KeyboardInterrupt):
            trained(folder, "a")
    assert trained(folder, "a") == {"a1"}
    left = {name for path in folder.parent.iterdir() for name in pieces(path)}
    assert left == {"a1", "b1"}


def test_parts_of_a_training_are_set_aside_by_themselves(folder):
    for identity in ("a", "b"):
        whole = Workspace(folder, "whole", {"decoder": identity, "adapters": "same"}, beside=True)
        for name in whole.parts:
            (whole.part(name).claim() / identity).write_text("1")
    assert pieces(folder / "decoder") == {"b"}
    assert pieces(folder / "decoder.previous") == {"a"}
    assert pieces(folder / "adapters") == {"a", "b"}


def test_runs_that_join_fill_one_folder_which_a_claim_then_takes_over(folder):
    for number in range(3):
        (Workspace(folder, "a").join() / str(number)).write_text("1")
    claimed = Workspace(folder, "a").claim()
    assert {path.name for path in claimed.iterdir()} == {".identity", "0", "1", "2"}


def test_joining_removes_nothing_of_another_identity(folder):
    (Workspace(folder, "a").claim() / "piece").write_text("1")
    with pytest.raises(InputError, match="another configuration"):
        Workspace(folder, "b").join()
    assert (folder / "piece").exists()


def test_joining_a_folder_of_unknown_origin_is_refused(folder):
    folder.mkdir()
    (folder / "holiday.mp4").write_text("1")
    with pytest.raises(InputError, match="unknown origin"):
        Workspace(folder, "a").join()
