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
