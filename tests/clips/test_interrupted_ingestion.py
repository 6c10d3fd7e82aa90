"""Ingestion whose processes are killed, and whose disk is full."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.clips.numbered_videos import encode, numbered_frames, numbers_in

from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError

CLIPS, NUM_FRAMES = 40, 60
OPTIONS = IngestionOptions(size=128, max_left_out=0.5)
needs_proc = pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Path, list[Recording]]:
    root = tmp_path / "raw"
    content = encode(root / "0.avi", "mjpeg", numbered_frames(NUM_FRAMES, 240, 320)).read_bytes()
    for number in range(1, CLIPS):
        (root / f"{number}.avi").write_bytes(content)
    return root, [Recording(f"{number}.avi", f"clip{number}", "nod", "ann", "train") for number in range(CLIPS)]


@pytest.fixture
def store(tmp_path: Path) -> ClipStore:
    return ClipStore(tmp_path / "kept")


def wait_for(condition: Callable[[], object]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within half a minute")


def noted(store: ClipStore) -> list[str]:
    return sorted(path.stem for path in store.root.glob("clip*.json"))


def children(process: int) -> list[int]:
    lists = (path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children"))
    return [int(child) for text in lists for child in text.split()]


def are_whole(store: ClipStore, clip_ids: list[str]) -> bool:
    return all(numbers_in(store[clip_id][:, 16:112]) == list(range(NUM_FRAMES)) for clip_id in clip_ids)


@needs_proc
def test_a_killed_child_loses_the_clip_in_flight(corpus, store):
    def kill_one() -> None:
        wait_for(lambda: len(noted(store)) >= 3)
        for child in children(os.getpid())[:1]:
            os.kill(child, signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    report = ingest(*corpus, store, OPTIONS, workers=2).report
    killer.join()
    assert len(report.left_out) <= 1
    assert all("signal 9" in each.reason for each in report.left_out)
    again = ingest(*corpus, store, OPTIONS, workers=2).report
    assert (again.kept, again.decoded) == (CLIPS, len(report.left_out))
    assert are_whole(store, list(store))


@needs_proc
def test_a_killed_run_loses_at_most_the_clips_in_flight(corpus, store):
    root, recordings = corpus
    program = (
        "from pathlib import Path\n"
        f"from {ingest.__module__} import IngestionOptions, ingest\n"
        f"from {Recording.__module__} import Recording\n"
        f"from {ClipStore.__module__} import ClipStore\n"
        f"recordings = [Recording(f'{{n}}.avi', f'clip{{n}}', 'nod', 'ann', 'train') for n in range({CLIPS})]\n"
        f"store = ClipStore({str(store.root)!r})\n"
        f"ingest(Path({str(root)!r}), recordings, store, IngestionOptions(size=128), workers=2)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.DEVNULL)
    wait_for(lambda: len(noted(store)) >= 3)
    workers = children(run.pid)
    run.kill()
    run.wait()
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    kept = noted(store)
    assert len(kept) >= 3
    assert are_whole(store, kept)
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == CLIPS - len(kept)
    assert are_whole(store, list(store))
    assert not list(store.root.glob(".*"))


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(corpus, store):
    root, recordings = corpus
    encode(root / "short.avi", "mjpeg", numbered_frames(2, 240, 320))
    recordings = [Recording("short.avi", "short", "nod", "ann", "train"), *recordings]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # Two frames fit, sixty do not; the processes that write inherit the limit.
    resource.setrlimit(resource.RLIMIT_FSIZE, (10 * 128 * 128 * 3, hard))
    try:
        with pytest.raises(InputError, match=r"cannot write clips of \d+\.avi into .*kept: File too large"):
            ingest(root, recordings, store, OPTIONS, workers=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(path.name for path in store.root.iterdir()) == ["short.json", "short.npy"]
    assert ingest(root, recordings, store, OPTIONS, workers=2).report.decoded == CLIPS
