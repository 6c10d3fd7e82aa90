"""Frames a second of ingestion, beside a plain OpenCV loop that reads, resizes and writes PNG (`make bench`)."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
import torch
from tests.benchmarks.measuring import compare
from tests.benchmarks.plain_opencv import run_in_a_process

from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore

SIZE = 128
# With fewer clips the start of processes shows.
CLIPS, FRAMES = 240, 60
Frames = Iterator[npt.NDArray[np.uint8]]


def scene(height: int, width: int) -> Frames:
    """A textured picture that moves, with a camera's noise."""
    rng = np.random.default_rng(0)
    wide = np.zeros((height + FRAMES, width + FRAMES, 3), np.float32)
    for grain in (4, 8, 16, 32, 64, 128):
        coarse = rng.normal(size=(height // grain + 40, width // grain + 40, 3)).astype(np.float32)
        wide += grain**0.7 * cv2.resize(coarse, wide.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    wide = 15 + 220 * (wide - wide.min()) / np.ptp(wide)
    for t in range(FRAMES):
        noisy = wide[t : t + height, t : t + width] + 4 * rng.normal(size=(height, width, 1))
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def write_avi(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=30, options={"qmin": "3", "qmax": "3"})
        stream.height, stream.width, stream.pix_fmt = 480, 640, "yuvj420p"
        for frame in scene(480, 640):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def write_jpegs(folder: Path) -> None:
    folder.mkdir()
    for t, frame in enumerate(scene(896, 896)):
        cv2.imwrite(str(folder / f"img_{t:04d}.jpg"), frame, [cv2.IMWRITE_JPEG_QUALITY, 93])


KINDS: dict[str, tuple[str, Callable[[Path], None]]] = {"avi": (".avi", write_avi), "jpeg": ("", write_jpegs)}


def cpu_seconds() -> float:
    """Of this process and of its children that have ended."""
    return sum(os.times()[:4])


@pytest.fixture(scope="module", params=KINDS)
def corpus(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips of one kind, all with the same pixels."""
    root, (suffix, write) = tmp_path_factory.mktemp(request.param), KINDS[request.param]
    first = root / f"0{suffix}"
    write(first)
    for number in range(1, CLIPS):
        copy = root / f"{number}{suffix}"
        shutil.copytree(first, copy, copy_function=os.link) if first.is_dir() else os.link(first, copy)
    return root


def test_ingestion(benchmark: Any, corpus: Path, tmp_path: Path) -> None:
    paths = sorted(corpus.iterdir())
    recordings = [Recording(path.name, path.stem, "nod", "ann", "train", fps=19.0) for path in paths]
    seconds: dict[str, list[tuple[float, float]]] = {"ours": [], "plain": []}

    def metered(name: str, call: Callable[[Path], object]) -> None:
        store = tmp_path / name
        store.mkdir()
        began = time.perf_counter(), cpu_seconds()
        call(store)
        seconds[name].append((time.perf_counter() - began[0], cpu_seconds() - began[1]))
        shutil.rmtree(store)

    def ingestion(store: Path) -> None:
        ingest(corpus, recordings, ClipStore(store), IngestionOptions(size=SIZE))

    kind = "JPEG" if paths[0].is_dir() else "AVI"
    compare(
        benchmark,
        f"ingestion of {CLIPS * FRAMES} {kind} frames; plain: OpenCV, frames as PNG",
        lambda: metered("ours", ingestion),
        lambda: metered("plain", lambda store: run_in_a_process(paths, store, SIZE)),
        torch.device("cpu"),
    )
    for name, measured in seconds.items():
        wall, cpu = zip(*measured, strict=True)
        benchmark.extra_info[f"{name}_frames_per_second"] = CLIPS * FRAMES / min(wall)
        benchmark.extra_info[f"{name}_cpu_milliseconds_a_frame"] = 1000 * min(cpu) / (CLIPS * FRAMES)
        benchmark.extra_info[f"{name}_cores"] = sum(cpu) / sum(wall)
