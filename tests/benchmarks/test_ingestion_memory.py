"""Memory that ingestion takes at most, main process and workers, for few clips and for many (`make bench`)."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.clips.numbered_videos import encode, numbered_frames

from lfdm_pipeline.clips.ingestion import ingest
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore

PROGRAM = f"""
import sys
from pathlib import Path
from {ingest.__module__} import IngestionOptions, ingest
from {Recording.__module__} import Recording
from {ClipStore.__module__} import ClipStore
root, clips = Path(sys.argv[1]), int(sys.argv[2])
recordings = [Recording(f"{{n}}.avi", f"clip{{n}}", "nod", "ann", "train") for n in range(clips)]
ingest(root, recordings, ClipStore(root / "kept"), IngestionOptions(size=128))
"""


def peak(process: int) -> float:
    """Megabytes that a process has held at most; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def children(process: int) -> list[int]:
    try:
        lists = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    except OSError:
        return []
    return [int(child) for text in lists for child in text.split()]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
@pytest.mark.parametrize("clips", [100, 2000])
def test_memory(benchmark: Any, tmp_path: Path, clips: int) -> None:
    encode(tmp_path / "0.avi", "mjpeg", numbered_frames(10, 480, 640))
    for number in range(1, clips):
        os.link(tmp_path / "0.avi", tmp_path / f"{number}.avi")
    peaks: dict[int, float] = {}

    def run() -> int:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(clips)]
        main = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        while main.poll() is None:
            peaks.update({each: max(peak(each), peaks.get(each, 0.0)) for each in (main.pid, *children(main.pid))})
            time.sleep(0.05)
        return main.pid

    main = benchmark.pedantic(run)
    assert len(ClipStore(tmp_path / "kept")) == clips
    benchmark.extra_info["main_megabytes"] = round(peaks.pop(main))
    benchmark.extra_info["worker_megabytes"] = round(max(peaks.values()))
