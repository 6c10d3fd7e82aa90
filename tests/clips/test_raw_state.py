import os

import pytest

from lfdm_pipeline.clips.raw_state import state_of


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "take"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.jpg").write_bytes(b"picture")
    return folder


def test_a_file_changes_with_its_size_and_its_time(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"x")
    before = state_of(path)
    assert state_of(path) == before
    os.utime(path, ns=(0, 1))
    touched = state_of(path)
    path.write_bytes(b"xy")
    os.utime(path, ns=(0, 1))
    assert len({before, touched, state_of(path)}) == 3


def test_a_folder_changes_with_each_of_its_pictures(folder):
    states = [state_of(folder)]
    os.utime(folder / "1.jpg", ns=(0, 1))
    states.append(state_of(folder))
    (folder / "2.jpg").rename(folder / "4.jpg")
    states.append(state_of(folder))
    (folder / "0.jpg").unlink()
    states.append(state_of(folder))
    assert len(set(states)) == 4


def test_other_files_in_a_folder_do_not_count(folder):
    before = state_of(folder)
    (folder / "Thumbs.db").write_bytes(b"x")
    assert state_of(folder) == before


def test_what_is_not_there(tmp_path):
    with pytest.raises(OSError, match=r"absent\.mp4"):
        state_of(tmp_path / "absent.mp4")
