import pickle
from pathlib import Path

import pytest

from lfdm_pipeline import atomic
from lfdm_pipeline.storage import copies_of, is_remote, reading, remove_folder, to_path


def test_paths_of_this_machine_stay_what_they_are(tmp_path: Path) -> None:
    assert to_path("data/clips") == Path("data/clips")
    assert to_path(f"file://{tmp_path}") == tmp_path
    assert to_path(tmp_path) is tmp_path
    assert not is_remote(to_path("data"))


def test_a_remote_path_is_used_like_any_other(remote: str) -> None:
    root = to_path(remote)
    assert is_remote(root)
    assert not (root / "a").exists()
    atomic.write_text(root / "folder" / "a.txt", "größer")
    assert (root / "folder" / "a.txt").read_text(encoding="utf-8") == "größer"
    assert [path.relative_to(root).as_posix() for path in root.rglob("*.txt")] == ["folder/a.txt"]
    assert pickle.loads(pickle.dumps(root)) == root == to_path(str(root))


def test_reading_gives_a_file_of_the_same_name(remote: str, tmp_path: Path) -> None:
    for root in (to_path(remote), tmp_path):
        atomic.write_text(root / "clip.mp4", "content")
        with reading(root / "clip.mp4") as file:
            assert file.name == "clip.mp4"
            assert file.read_text() == "content"
        assert file.exists() == (root == tmp_path)
        with pytest.raises(FileNotFoundError), reading(root / "absent.mp4") as file:
            file.read_text()


def test_what_fails_while_it_is_written_changes_nothing(remote: str, tmp_path: Path) -> None:
    for root in (to_path(remote), tmp_path):
        atomic.write_text(root / "a", "old")
        with pytest.raises(FileNotFoundError), atomic.replacing(root / "a") as temporary:
            temporary.rename(tmp_path / "nowhere" / "b")
        assert (root / "a").read_text() == "old"
        assert [path.name for path in root.iterdir()] == ["a"]


def test_sharing_a_file(remote: str, tmp_path: Path) -> None:
    places = (to_path(remote), tmp_path)
    atomic.write_text(tmp_path / "source", "content")
    atomic.write_text(to_path(remote) / "source", "content")
    for number, (source, target) in enumerate((a, b) for a in places for b in places):
        atomic.share(source / "source", target / f"below/{number}")
        atomic.share(source / "source", target / f"below/{number}")
        assert (target / f"below/{number}").read_text() == "content"
    assert (tmp_path / "source").samefile(tmp_path / "below/3"), "no second copy on one disk"


def test_removing_a_folder(remote: str, tmp_path: Path) -> None:
    for root in (to_path(remote), tmp_path):
        remove_folder(root / "absent")
        atomic.write_text(root / "folder/below/a", "")
        atomic.write_text(root / "other", "")
        remove_folder(root / "folder")
        assert [path.name for path in root.iterdir()] == ["other"]


def test_leftovers_of_killed_writers_go_and_nothing_else(tmp_path: Path) -> None:
    for name in (".weights-ab3_de9f.safetensors", ".identity", ".dm.lock", "weights.safetensors"):
        (tmp_path / name).write_text("")
    (tmp_path / "below").mkdir()
    (tmp_path / "below/.clip-00000000.npy").write_text("")
    atomic.remove_leftovers(tmp_path / "dm.parquet")
    assert len(list(tmp_path.rglob("*"))) == 6, "a file's own leftovers only"
    atomic.remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        ".identity",
        ".dm.lock",
        "weights.safetensors",
    }


def test_copies_of_former_states_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LFDM_CACHE", str(tmp_path))
    folder, other = to_path("memory://clips"), to_path("memory://flows")
    atomic.write_text(copies_of(folder, "first") / "a.npy", "")
    atomic.write_text(copies_of(other, "first") / "a.npy", "")
    assert copies_of(folder, "first") == copies_of(folder, "first")
    copies_of(folder, "second")
    assert not (copies_of(folder, "second").parent / "first").exists()
    assert (copies_of(other, "first") / "a.npy").exists()
