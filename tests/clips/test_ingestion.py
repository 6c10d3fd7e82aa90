import json
import os
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from tests.clips.numbered_videos import encode, numbered_frames, numbers_in

from lfdm_pipeline.clips.clip_notes import failed_clips, read_note, write_note
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.workers import call_in_workers
from lfdm_pipeline.errors import InputError

OPTIONS = IngestionOptions(size=32, max_left_out=0.9)


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Path, list[Recording]]:
    """Three videos of numbered frames, 48x64, of two people."""
    root = tmp_path / "raw"
    recordings = []
    for number, (label, subject, split) in enumerate(
        [("nod", "ann", "train"), ("turn", "ann", "train"), ("nod", "bob", "test")]
    ):
        encode(root / f"{number}.mp4", "h264", numbered_frames(6 + number, 48, 64))
        recordings.append(Recording(f"{number}.mp4", f"clip{number}", label, subject, split))
    return root, recordings


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path / "kept")


def test_keeps_every_frame_of_every_clip(corpus, store):
    root, recordings = corpus
    ingested = ingest(root, recordings, store, OPTIONS, workers=2)
    assert list(store) == list(ingested.clip_table["clip_id"]) == ["clip0", "clip1", "clip2"]
    for number in range(3):
        frames = store[f"clip{number}"]
        assert frames.shape == (6 + number, 32, 32, 3)
        # 64x48 scaled to 32x24 lies between bars of 4 rows.
        assert frames[:, :4].max() == frames[:, -4:].max() == 0
        assert numbers_in(frames[:, 4:-4]) == list(range(6 + number))
    row = ingested.clip_table.iloc[2]
    assert (row["label"], row["subject"], row["split"], row["num_frames"], row["fps"]) == (
        "nod",
        "bob",
        "test",
        8,
        25,
    )


def test_reports_what_it_kept(corpus, store):
    report = ingest(*corpus, store, OPTIONS, workers=1).report
    assert (report.listed, report.kept, report.decoded, report.frames) == (3, 3, 3, 21)
    assert (report.shortest, report.longest) == (6, 8)
    assert report.seconds == pytest.approx(21 / 25)
    assert report.clips_by_split == {"test": 1, "train": 2}
    assert report.clips_by_label == {"nod": {"train": 1, "test": 1}, "turn": {"train": 1}}
    assert report.subjects_by_split == {"test": 1, "train": 1}
    assert report.contact_sheet.ndim == 3
    assert json.loads(json.dumps(report.as_dict()))["kept"] == 3


@pytest.fixture
def takes(tmp_path: Path) -> tuple[Path, list[Recording]]:
    """Two folders of JPEG frames, 48x64."""
    root = tmp_path / "raw"
    for take in ("take 1", "take 2"):
        (root / take).mkdir(parents=True)
        for number, frame in enumerate(numbered_frames(11, 48, 64)):
            cv2.imwrite(str(root / take / f"img_{number}.jpg"), frame)
    return root, [Recording(f"take {n}", f"take{n}", "nod", "ann", "train", fps=19.0) for n in (1, 2)]


def test_folders_of_pictures_are_clips(takes, store):
    ingested = ingest(*takes, store, OPTIONS, workers=2)
    assert list(ingested.clip_table["fps"]) == [19.0, 19.0]
    assert list(ingested.clip_table["num_frames"]) == [11, 11]
    assert numbers_in(store["take1"][:, 4:-4]) == list(range(11))


def test_a_changed_picture_makes_its_clip_again(takes, store):
    root, recordings = takes
    ingest(root, recordings, store, OPTIONS, workers=2)
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == 0
    (root / "take 1" / "img_10.jpg").unlink()
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == 1
    assert len(store["take1"]) == 10
    os.utime(root / "take 2" / "img_3.jpg")
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == 1
    (root / "take 2" / "notes.txt").write_text("not a frame")
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == 0


def test_another_frame_rate_of_pictures_decodes_nothing(takes, store):
    root, recordings = takes
    ingest(root, recordings, store, OPTIONS, workers=2)
    faster = [replace(each, fps=30.0) for each in recordings]
    again = ingest(root, faster, store, OPTIONS, workers=2)
    assert (again.report.decoded, list(again.clip_table["fps"])) == (0, [30.0, 30.0])
    with pytest.raises(InputError, match="take 1 is a folder of pictures"):
        ingest(root, [replace(each, fps=None) for each in recordings], store, OPTIONS, workers=2)


def test_both_decoders_keep_the_same_clips(corpus, store, tmp_path):
    pytest.importorskip("decord")
    ingest(*corpus, store, OPTIONS, workers=1)
    other = ClipStore(tmp_path / "other")
    ingest(*corpus, other, OPTIONS.model_copy(update={"decoder": "decord"}), workers=1)
    for clip_id in store:
        difference = np.abs(store[clip_id].astype(int) - other[clip_id])
        assert difference.mean() < 1
        assert difference.max() <= 4


def test_crops_as_told(corpus, store):
    options = OPTIONS.model_copy(update={"crop": CropBox(top=0, bottom=48, left=0, right=8)})
    ingest(*corpus, store, options, workers=1)
    # The first stripe alone is the number's last bit; 48x8 scaled to 32x5 begins at column 13.
    frames = store["clip0"]
    assert frames[:, :, :13].max() == frames[:, :, 18:].max() == 0
    np.testing.assert_array_equal(frames[:, 16, 15, 0] > 125, [False, True] * 3)


def test_cuts_clips_out_of_a_file(corpus, store):
    root, _ = corpus
    recordings = [
        Recording("2.mp4", "first", "nod", "ann", "train", first_frame=0, last_frame=2),
        Recording("2.mp4", "second", "turn", "ann", "train", first_frame=3),
        Recording("2.mp4", "outside", "turn", "ann", "train", first_frame=6, last_frame=8),
    ]
    report = ingest(root, recordings, store, OPTIONS, workers=1).report
    assert numbers_in(store["first"][:, 4:-4]) == [0, 1, 2]
    assert numbers_in(store["second"][:, 4:-4]) == [3, 4, 5, 6, 7]
    assert [each.clip_id for each in report.left_out] == ["outside"]
    assert "6 to 8" in report.left_out[0].reason


def test_a_second_run_makes_only_what_changed(corpus, store):
    root, recordings = corpus
    ingest(root, recordings, store, OPTIONS, workers=1)
    before = {clip_id: store.path(clip_id).stat().st_mtime_ns for clip_id in store}
    assert ingest(root, recordings, store, OPTIONS, workers=1).report.decoded == 0
    encode(root / "1.mp4", "h264", numbered_frames(20, 48, 64))
    encode(root / "new.mp4", "h264", numbered_frames(4, 48, 64))
    recordings = [*recordings[:2], Recording("new.mp4", "new", "nod", "bob", "test")]
    ingested = ingest(root, recordings, store, OPTIONS, workers=1)
    assert ingested.report.decoded == 2
    assert ingested.report.findings[-1] == "clips that the corpus had before (1): clip2"
    assert list(store) == ["clip0", "clip1", "new"]
    assert len(store["clip1"]) == 20
    assert store.path("clip0").stat().st_mtime_ns == before["clip0"]
    assert sorted(path.name for path in store.root.iterdir()) == [
        f"{clip_id}{suffix}" for clip_id in store for suffix in (".json", ".npy")
    ]


def test_other_options_make_every_clip_again(corpus, store):
    ingest(*corpus, store, OPTIONS, workers=1)
    bigger = OPTIONS.model_copy(update={"size": 48})
    assert ingest(*corpus, store, bigger, workers=1).report.decoded == 3
    assert store["clip0"].shape[1:] == (48, 48, 3)
    looser = bigger.model_copy(update={"timeout_seconds": 7.0})
    assert ingest(*corpus, store, looser, workers=1).report.decoded == 0


def test_damaged_files_are_reported_and_the_others_kept(corpus, store):
    root, recordings = corpus
    (root / "1.mp4").write_bytes(b"nothing")
    (root / "2.mp4").unlink()
    report = ingest(root, recordings, store, OPTIONS, workers=2).report
    assert list(store) == ["clip0"]
    assert {each.source for each in report.left_out} == {"1.mp4", "2.mp4"}
    assert all(each.source in each.reason for each in report.left_out)


def test_a_damaged_file_is_read_again_only_when_it_changed(corpus, store):
    root, recordings = corpus
    (root / "1.mp4").write_bytes(b"nothing")
    recordings.append(Recording("2.mp4", "beyond", "nod", "bob", "test", first_frame=5, last_frame=8))
    first = ingest(root, recordings, store, OPTIONS, workers=1).report
    with patch("lfdm_pipeline.clips.ingestion.call_in_workers", wraps=call_in_workers) as call:
        second = ingest(root, recordings, store, OPTIONS, workers=1).report
        assert call.call_args.args[1] == []
    assert (second.decoded, second.left_out) == (0, first.left_out)
    encode(root / "1.mp4", "h264", numbered_frames(7, 48, 64))
    third = ingest(root, recordings, store, OPTIONS, workers=1).report
    assert (third.decoded, [each.clip_id for each in third.left_out]) == (1, ["beyond"])


def test_a_damaged_file_is_read_again_by_another_decoder(corpus, store):
    root, recordings = corpus
    (root / "1.mp4").write_bytes(b"nothing")
    ingest(root, recordings, store, OPTIONS, workers=1)
    note = read_note(store, "clip1")
    assert note is not None
    write_note(store, "clip1", replace(note, decoder="another", failure="as another decoder says"))
    report = ingest(root, recordings, store, OPTIONS, workers=1).report
    assert "no readable video" in report.left_out[0].reason


def test_what_is_noted_of_a_damaged_file_goes_with_it(corpus, store):
    root, recordings = corpus
    (root / "1.mp4").write_bytes(b"nothing")
    ingest(root, recordings, store, OPTIONS, workers=1)
    assert list(failed_clips(store)) == ["clip1"]
    ingest(root, recordings[::2], store, OPTIONS, workers=1)
    assert not list(failed_clips(store))


def test_a_file_that_becomes_damaged_loses_its_clip(corpus, store):
    root, recordings = corpus
    ingest(root, recordings, store, OPTIONS, workers=1)
    (root / "1.mp4").write_bytes(b"nothing")
    ingest(root, recordings, store, OPTIONS, workers=1)
    assert list(store) == ["clip0", "clip2"]


def test_a_file_that_takes_too_long_is_reported(corpus, store):
    root, recordings = corpus
    options = OPTIONS.model_copy(update={"timeout_seconds": 1e-3})
    with pytest.raises(InputError, match="took longer"):
        ingest(root, recordings, store, options, workers=1)


def test_too_much_left_out_is_an_error(corpus, store):
    root, recordings = corpus
    (root / "1.mp4").write_bytes(b"nothing")
    with pytest.raises(
        InputError, match=r"1 of 3 clips .* more than ingestion\.max_left_out 0\.1 allows; 1 \(1\.mp4\): "
    ):
        ingest(root, recordings, store, IngestionOptions(size=32), workers=1)
    with pytest.raises(InputError, match="no clips"):
        ingest(root, [], store, OPTIONS, workers=1)


def test_too_much_left_out_is_counted_by_reason(tmp_path, store):
    labels = ["wave", "nod", "jump", "wave", "bow", "nod", "wave", "sit"]
    recordings = [Recording(f"{n}.mp4", str(n), label, "ann", "train") for n, label in enumerate(labels)]
    with pytest.raises(InputError) as error:
        ingest(tmp_path, recordings, store, IngestionOptions(labels=("turn",)), workers=1)
    _, *reasons = str(error.value).replace("; the configured labels are turn", "").split("; ")
    assert reasons == [
        "3 (0.mp4, …): unknown label 'wave'",
        "2 (1.mp4, …): unknown label 'nod'",
        "1 (2.mp4): unknown label 'jump'",
        "2 for other reasons",
    ]


def test_unknown_labels_are_left_out_and_reported(corpus, store):
    options = OPTIONS.model_copy(update={"labels": ("turn",)})
    report = ingest(*corpus, store, options, workers=1).report
    assert list(store) == ["clip1"]
    assert {each.clip_id for each in report.left_out} == {"clip0", "clip2"}
    assert "'nod'" in report.left_out[0].reason


def test_finds_subjects_in_both_splits_and_equal_clips(corpus, store):
    root, recordings = corpus
    (root / "copy.mp4").write_bytes((root / "0.mp4").read_bytes())
    recordings.append(Recording("copy.mp4", "copy", "nod", "bob", "train"))
    findings = ingest(root, recordings, store, OPTIONS, workers=1).report.findings
    assert findings == (
        "subject 'bob' is in more than one split: test, train",
        "clips with the same content: clip0, copy",
    )


def test_says_that_nobody_is_there_for_tests_but_not_of_a_part(corpus, store):
    root, recordings = corpus
    (finding,) = ingest(root, recordings[:2], store, OPTIONS, workers=1).report.findings
    assert "no clip is in the test split" in finding
    part = OPTIONS.model_copy(update={"shard": "1/2"})
    assert ingest(root, recordings[:2], store, part, workers=1).report.findings == ()


def test_what_an_ended_run_left_half_written_is_made_again(corpus, store):
    root, recordings = corpus
    ingest(root, recordings, store, OPTIONS, workers=1)
    store.path("clip0").with_suffix(".json").unlink()
    (store.root / ".clip9-abc.npy").write_bytes(b"half")
    assert ingest(root, recordings, store, OPTIONS, workers=1).report.decoded == 1
    assert not list(store.root.glob(".*"))
