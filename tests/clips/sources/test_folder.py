from pathlib import Path

import pytest

from lfdm_pipeline.clips.sources.folder import FolderOptions, FolderSource
from lfdm_pipeline.errors import InputError


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def recordings(root: Path, **options):
    source = FolderSource(FolderOptions(**options))
    source.prepare(root)
    return source.survey(root).recordings


def test_the_layout_tells_label_and_subject(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4", "smile/bob/2.AVI", "wave hands/ann/x y.mov", "smile/ann/notes.txt")
    touch(tmp_path, "smile/ann/.hidden.mp4", ".cache/a/b.mp4")
    found = [(r.source, r.clip_id, r.label, r.subject, r.split) for r in recordings(tmp_path, test_subjects=("bob",))]
    assert found == [
        ("smile/ann/1.mp4", "smile/ann/1", "smile", "ann", "train"),
        ("smile/bob/2.AVI", "smile/bob/2", "smile", "bob", "test"),
        ("wave hands/ann/x y.mov", "wave hands/ann/x y", "wave hands", "ann", "train"),
    ]


def test_a_table_names_the_videos(tmp_path):
    touch(tmp_path, "a.mp4", "deep/down/b.mp4", "not in the table.mp4")
    (tmp_path / "clips.csv").write_text(
        "\ufeffclip,label,subject,split\ndeep/down/b.mp4,,bob,test\na.mp4, nod ,ann,train\n", encoding="utf-8"
    )
    found = [(r.source, r.label, r.subject, r.split) for r in recordings(tmp_path)]
    assert found == [("a.mp4", "nod", "ann", "train"), ("deep/down/b.mp4", None, "bob", "test")]


def test_no_folder_or_no_videos_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="put your videos there"):
        recordings(tmp_path / "absent")
    with pytest.raises(InputError, match="no videos"):
        recordings(tmp_path)


def test_a_video_outside_the_layout_is_named(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4", "stray.mp4")
    with pytest.raises(InputError, match=r"stray\.mp4"):
        recordings(tmp_path)


def test_an_unknown_test_subject_is_named(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4")
    with pytest.raises(InputError, match="'carl'"):
        recordings(tmp_path, test_subjects=("carl",))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b.mp4,nod,ann,train", r"line 3: no file 'b\.mp4'"),
        ("../a.mp4,nod,ann,train", "line 3: no file"),
        ("a.mp4,nod,ann,valid", "line 3: split is 'valid'"),
        ("a.mp4,nod,,train", "line 3: the subject is empty"),
        ("a.mp4,nod,ann,test", "named more than once"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, row, message):
    touch(tmp_path, "a.mp4")
    (tmp_path / "clips.csv").write_text(f"clip,label,subject,split\na.mp4,nod,ann,train\n{row}\n")
    with pytest.raises(InputError, match=message):
        recordings(tmp_path)


def test_a_missing_column_is_named(tmp_path):
    touch(tmp_path, "a.mp4")
    (tmp_path / "clips.csv").write_text("clip,label,subject\na.mp4,nod,ann\n")
    with pytest.raises(InputError, match="'split'"):
        recordings(tmp_path)
