from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.clips.numbered_videos import encode, numbered_frames, numbers_in

from lfdm_pipeline.clips.clip_notes import failed_clips, read_note
from lfdm_pipeline.clips.clip_reading import ClipCut, ReadingJob, read_clips
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.workers import call_in_workers
from lfdm_pipeline.errors import InputError


def job(path: Path, *cuts: ClipCut, size: int = 48) -> ReadingJob:
    """A job that keeps clips in the folder `kept` beside the file."""
    kept = path.parent / "kept"
    return ReadingJob(path, path.name, kept, cuts or (ClipCut(path.stem, 0, None),), size, None, None, "pyav", "recipe")


def peak_memory(job: ReadingJob) -> int:
    """Kilobytes that this process has held at most, after it did a job."""
    assert not read_clips(job).failures
    # Not getrusage, which counts in what the process was before it became a worker.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_cuts_that_overlap(tmp_path):
    path = encode(tmp_path / "a.avi", "mpeg4_b", numbered_frames(12))
    cuts = ClipCut("early", 0, 5), ClipCut("late", 3, None), ClipCut("beyond", 8, 12), ClipCut("never", 12, None)
    outcome = read_clips(job(path, *cuts))
    store = ClipStore(tmp_path / "kept")
    assert numbers_in(store["early"][:, 8:40]) == list(range(6))
    assert numbers_in(store["late"][:, 8:40]) == list(range(3, 12))
    assert sorted(outcome.failures) == ["beyond", "never"]
    assert "8 to 12 are not within the 12" in outcome.failures["beyond"]
    assert sorted(store) == ["early", "late"]
    assert sorted(failed_clips(store)) == ["beyond", "never"]


def test_pictures_have_no_frame_rate_of_their_own(tmp_path):
    (tmp_path / "take").mkdir()
    for number, frame in enumerate(numbered_frames(3)):
        cv2.imwrite(str(tmp_path / "take" / f"{number}.png"), frame)
    read_clips(job(tmp_path / "take"))
    note = read_note(ClipStore(tmp_path / "kept"), "take")
    assert note is not None
    assert (note.num_frames, note.fps) == (3, None)


def test_what_is_damaged_at_its_end_leaves_nothing(tmp_path):
    path = encode(tmp_path / "a.avi", "mjpeg", numbered_frames(12))
    content = bytearray(path.read_bytes())
    last = content.rindex(b"\xff\xd8")
    content[last + 4 : last + 64] = bytes(60)
    path.write_bytes(content)
    assert "damaged after frame 11" in read_clips(job(path)).failures["a"]
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["a.json"]


def test_what_the_system_refuses_today_is_not_noted(tmp_path, monkeypatch):
    path = encode(tmp_path / "a.mp4", "h264", numbered_frames(3))

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("av.open", refuse)
    with pytest.raises(InputError, match=r"a\.mp4 is no readable video: Permission denied"):
        read_clips(job(path))
    assert not list(failed_clips(ClipStore(tmp_path / "kept")))


def test_what_the_machine_lacks_is_no_fault_of_the_file(tmp_path, monkeypatch):
    path = encode(tmp_path / "a.mp4", "h264", numbered_frames(3))
    monkeypatch.setattr("lfdm_pipeline.clips.decord_reading.find_spec", lambda _: None)
    assert read_clips(replace(job(path), decoder="decord")).halt == (
        "decord is not installed: set ingestion.decoder to pyav"
    )
    assert not list(failed_clips(ClipStore(tmp_path / "kept")))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_memory_grows_neither_with_clips_nor_with_their_length(tmp_path):
    short = encode(tmp_path / "s.avi", "mjpeg", numbered_frames(4, 480, 640))
    long = encode(tmp_path / "l.mp4", "h264", np.repeat(numbered_frames(2, 32, 48), 150, axis=0))
    jobs = [job(short, ClipCut(f"clip{number}", 0, None)) for number in range(100)]
    outcomes = call_in_workers(peak_memory, [*jobs, job(long, size=256)], workers=1)
    peaks = [outcome.value for _, outcome in outcomes]
    assert (tmp_path / "kept" / "l.npy").stat().st_size > 55e6
    assert peaks[99] - peaks[9] < 4e3
    assert peaks[100] - peaks[99] < 20e3
