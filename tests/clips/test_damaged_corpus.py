"""Three hundred damaged recordings among good ones."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.clips.numbered_videos import encode, numbered_frames, numbers_in

from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore

NUM_FRAMES, EACH = 8, 50
GOOD = {"m.avi": "mjpeg", "b.avi": "mpeg4_b", "h.avi": "h264", "h.mp4": "h264"}
FIRST_FRAME = {".avi": b"movi", ".mp4": b"mdat"}
rng = np.random.default_rng(0)


def flipped(content: bytes, start: int) -> bytes:
    """One bit of every tenth byte or so behind `start` is another."""
    flipped = bytearray(content)
    for at in rng.choice(range(start, len(content)), (len(content) - start) // 10 + 1, replace=False):
        flipped[at] ^= 1 << rng.integers(8)
    return bytes(flipped)


def cut(content: bytes) -> bytes:
    return content[: rng.integers(1, len(content) - 10)]


def with_a_huge_header(content: bytes) -> bytes:
    """What says how long the first part is, or how many frames there are, says two thousand millions."""
    huge, damaged = (2**31 - 16).to_bytes(4, "big"), bytearray(content)
    for name, offset in ((b"RIFF", 4), (b"moov", -4), (b"stsz", 12), (b"stts", 8)):
        at = content.find(name)
        if at >= 0:
            damaged[at + offset : at + offset + 4] = huge[::-1] if name == b"RIFF" else huge
    return bytes(damaged)


def damaged_files(good: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Names and contents."""
    names = list(good)
    for number in range(EACH):
        name, content = names[number % 4], good[names[number % 4]]
        suffix = Path(name).suffix
        yield f"cut{number}_{name}", cut(content)
        yield f"flipped{number}_{name}", flipped(content, content.index(FIRST_FRAME[suffix]) + 40)
        yield f"zeros{number}_{name}", bytes(number * 100)
        yield f"huge{number}_{name}", cut(with_a_huge_header(content)) if number >= 4 else with_a_huge_header(content)
    for number in range(EACH // 2):
        yield f"text{number}.mp4", b"This is no video.\n" * number
        yield f"noise{number}.avi", rng.bytes(3000)


def damaged_folders(root: Path) -> Iterator[str]:
    """Folders of pictures some of which are damaged, folders without pictures, and pictures with a video's name."""
    pictures = [cv2.imencode(".jpg", frame)[1].tobytes() for frame in noisy_frames()]
    for number in range(EACH - 2):
        folder = root / f"folder{number}.mp4"
        folder.mkdir()
        bad = rng.choice(NUM_FRAMES, 3, replace=False)
        for index, picture in enumerate(pictures if number % 4 else []):
            damaged = cut(picture) if number % 2 else flipped(picture, len(picture) // 2)
            (folder / f"{index}.jpg").write_bytes(damaged if index in bad else picture)
        yield folder.name
    for name in ("picture.mp4", "picture.avi"):
        (root / name).write_bytes(pictures[0])
        yield name


def noisy_frames() -> np.ndarray:
    """Numbered frames with some noise, so that their files consist of frames rather than headers."""
    frames = numbered_frames(NUM_FRAMES, 32, 48)
    return np.clip(frames + rng.integers(-20, 21, frames.shape), 0, 255).astype(np.uint8)


@pytest.fixture
def corpus(tmp_path: Path) -> tuple[Path, list[str], list[str]]:
    """The root, the good and the damaged recordings."""
    root = tmp_path / "raw"
    for name, codec in GOOD.items():
        encode(root / name, codec, noisy_frames())
    contents = {name: (root / name).read_bytes() for name in GOOD}
    damaged = dict(damaged_files(contents))
    for name, content in damaged.items():
        (root / name).write_bytes(content)
    copies = [f"copy{number}_{name}" for number in range(5) for name in GOOD]
    for copy in copies:
        (root / copy).write_bytes(contents[copy.partition("_")[2]])
    return root, [*GOOD, *copies], [*damaged, *damaged_folders(root)]


def test_every_good_clip_is_kept_and_every_damaged_one_reported(corpus, tmp_path):
    root, good, damaged = corpus
    assert len(damaged) == 300
    names = [*good, *damaged]
    order = rng.permutation(len(names))
    recordings = [Recording(names[i], f"{names[i].replace('.', '_')}", "nod", "ann", "train", fps=25.0) for i in order]
    store = ClipStore(tmp_path / "kept")
    options = IngestionOptions(size=32, timeout_seconds=60, max_left_out=0.95)
    report = ingest(root, recordings, store, options, workers=2).report
    assert sorted(each.source for each in report.left_out) == sorted(damaged)
    assert all(Path(each.source).name in each.reason for each in report.left_out)
    assert sorted(store) == sorted(name.replace(".", "_") for name in good)
    for clip_id in store:
        assert numbers_in(store[clip_id][:, 8:24]) == list(range(NUM_FRAMES))
    assert not list(store.root.glob(".*"))
