from pathlib import Path

import pytest

from lfdm_pipeline.clips.sources.folder import FolderOptions, FolderSource
from lfdm_pipeline.errors import InputError


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def survey(root: Path, **options):
    source = FolderSource(FolderOptions(**options))
    source.prepare(root)
    return source.survey(root)


def found(root: Path, **options):
    return [(r.source, r.clip_id, r.label, r.subject, r.split) for r in survey(root, **options).recordings]


def test_the_layout_tells_label_and_subject(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4", "smile/bob/2.AVI", "wave hands/ann/x y.mov", "smile/ann/notes.txt")
    touch(tmp_path, "smile/ann/.hidden.mp4", ".cache/a/b.mp4")
    assert found(tmp_path, test_subjects=("bob",)) == [
        ("smile/ann/1.mp4", "smile/ann/1", "smile", "ann", "train"),
        ("smile/bob/2.AVI", "smile/bob/2", "smile", "bob", "test"),
        ("wave hands/ann/x y.mov", "wave hands/ann/x y", "wave hands", "ann", "train"),
    ]


def test_a_folder_of_frames_is_a_clip_where_clips_lie(tmp_path):
    touch(tmp_path, "smile/ann/take.1/0.png", "smile/ann/take.1/1.png", "smile/ann/2.mp4", "smile/ann/2.jpg")
    touch(tmp_path, "smile/ann/take.1/all.mp4")
    clips = survey(tmp_path)
    assert [(r.source, r.clip_id) for r in clips.recordings] == [
        ("smile/ann/2.mp4", "smile/ann/2"),
        ("smile/ann/take.1", "smile/ann/take.1"),
    ]
    assert clips.findings == (
        "files that are no clips and are not used (2): smile/ann/2.jpg, smile/ann/take.1/all.mp4",
    )
    assert survey(tmp_path, fps=12.5).recordings[1].fps == 12.5


def test_layouts_without_labels(tmp_path):
    touch(tmp_path / "people", "ann/1.mp4", "bob/2/0.jpg")
    assert found(tmp_path / "people", layout="subject/clip", test_subjects=("bob",)) == [
        ("ann/1.mp4", "ann/1", None, "ann", "train"),
        ("bob/2", "bob/2", None, "bob", "test"),
    ]
    touch(tmp_path / "clips", "1.mp4", "2/0.jpg")
    assert found(tmp_path / "clips", layout="clip", test_subjects=("2",)) == [
        ("1.mp4", "1", None, "1", "train"),
        ("2", "2", None, "2", "test"),
    ]


def test_a_table_names_the_videos(tmp_path):
    touch(tmp_path, "a.mp4", "deep/down/b.mp4", "frames/0.jpg", "not in the table.mp4")
    (tmp_path / "clips.csv").write_text(
        "\ufeffclip,label,subject,split\ndeep/down/b.mp4,,bob,test\na.mp4, nod ,ann,train\nframes,nod,cid,val\n",
        encoding="utf-8",
    )
    assert [(source, *rest) for source, _, *rest in found(tmp_path)] == [
        ("a.mp4", "nod", "ann", "train"),
        ("deep/down/b.mp4", None, "bob", "test"),
        ("frames", "nod", "cid", "val"),
    ]
    assert survey(tmp_path).findings == ("clips that clips.csv does not name (1): not in the table.mp4",)


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffclip;label;subject;split\r\na.mp4;nod;ann;train\r\nb.mp4;;bob;test\r\n",
        " Clip ,LABEL,Subject, split\na.mp4,nod,ann,Train\n\nb.mp4,,bob,TEST\n",
        'clip,label,subject,split,"notes; remarks"\na.mp4,nod,ann,train,x\n,,,,\nb.mp4,,bob,test,\n , ,,\n',
    ],
)
def test_a_table_may_be_as_spreadsheets_and_people_write_it(tmp_path, table):
    touch(tmp_path, "a.mp4", "b.mp4")
    (tmp_path / "clips.csv").write_text(table, encoding="utf-8", newline="")
    assert [(source, *rest) for source, _, *rest in found(tmp_path)] == [
        ("a.mp4", "nod", "ann", "train"),
        ("b.mp4", None, "bob", "test"),
    ]


def test_no_folder_or_no_videos_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=r"put your videos there .*raw_root"):
        survey(tmp_path / "absent")
    with pytest.raises(InputError, match="no videos"):
        survey(tmp_path)


def test_a_video_outside_the_layout_is_named(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4", "stray.mp4")
    with pytest.raises(InputError, match=r"stray\.mp4 does not lie as label/subject/clip: .* source\.folder\.layout"):
        survey(tmp_path)


def test_an_unknown_test_subject_is_named(tmp_path):
    touch(tmp_path, "smile/ann/1.mp4")
    with pytest.raises(InputError, match="'carl'"):
        survey(tmp_path, test_subjects=("carl",))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("b.mp4,nod,ann,train", r"line 3: no file 'b\.mp4'"),
        ("../a.mp4,nod,ann,train", "line 3: no file"),
        (",nod,ann,train", "line 3: no file ''"),
        ("a.mp4,nod,ann,valid", "line 3: split is 'valid', not train, val, test"),
        ("a.mp4,nod,,train", "line 3: the subject is empty"),
        ("a.mp4,nod,ann,test", r"line 3: a\.mp4 is named in line 2 already"),
        (",,,\n./a.mp4,nod,ann,test", r"line 4: a\.mp4 is named in line 2 already"),
        ("a.mp4", "line 3: split is ''"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, row, message):
    touch(tmp_path, "a.mp4")
    (tmp_path / "clips.csv").write_text(f"clip,label,subject,split\na.mp4,nod,ann,train\n{row}\n")
    with pytest.raises(InputError, match=message):
        survey(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"clip,label,subject\na.mp4,nod,ann\n", "'split'"),
        (b"clip\tlabel\tsubject\tsplit\na.mp4\tnod\tann\ttrain\n", "'clip'.* with commas or semicolons between"),
        (b"clip,label,subject,split\n,,,\n", r"clips\.csv has no rows: name a clip in each"),
        ("clip,label,subject,split\na.mp4,nod,Zoë,train\n".encode("latin-1"), "is not UTF-8"),
        (b"", "'clip'"),
    ],
)
def test_a_wrong_table_is_an_error(tmp_path, content, message):
    touch(tmp_path, "a.mp4")
    (tmp_path / "clips.csv").write_bytes(content)
    with pytest.raises(InputError, match=message):
        survey(tmp_path)
