"""Small videos and stores of random clips."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.clips.fabricated import CORPORA
from tests.clips.numbered_videos import encode, numbered_frames

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore


@pytest.fixture(scope="session")
def fabricated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a fabricated corpus, made once; not to be written to."""

    @cache
    def root(corpus: str) -> Path:
        folder = tmp_path_factory.mktemp(corpus)
        CORPORA[corpus](folder)
        return folder

    return root


@pytest.fixture
def numbered_video(tmp_path: Path) -> Callable[..., Path]:
    """Makes a video of numbered frames: (relative path, codec, number of frames)."""

    def make(name: str, codec: str = "h264", num_frames: int = 12) -> Path:
        return encode(tmp_path / name, codec, numbered_frames(num_frames))

    return make


@pytest.fixture
def clips(tmp_path: Path) -> ClipStore:
    """Five clips of 6 to 10 random frames of 16x16."""
    store = ClipStore(tmp_path / "clips")
    rng = np.random.default_rng(0)
    for number in range(5):
        store.write(f"clip{number}", rng.integers(0, 256, (6 + number, 16, 16, 3), dtype=np.uint8))
    return store


@pytest.fixture
def flows(tmp_path: Path, clips: ClipStore) -> FlowStore:
    """Flows of the five clips; the displacement's x is the frame's index / 64."""
    store = FlowStore(tmp_path / "flows")
    for clip_id in clips:
        num_frames = len(clips[clip_id])
        displacement = np.zeros((num_frames, 2, 4, 4), np.float32)
        displacement[:, 0] = np.arange(num_frames)[:, None, None] / 64
        store.write(clip_id, displacement, np.full((num_frames, 1, 4, 4), 0.5, np.float32))
    return store


@pytest.fixture
def table(clips: ClipStore) -> pd.DataFrame:
    """The clip table of the five clips, two labels."""
    ids = list(clips)
    return pd.DataFrame(
        {
            "clip_id": ids,
            "source": [f"{clip_id}.mp4" for clip_id in ids],
            "label": ["nod" if i % 2 else "turn" for i in range(len(ids))],
            "subject": ["ann" if i < 4 else "bob" for i in range(len(ids))],
            "split": ["train" if i < 4 else "test" for i in range(len(ids))],
            "num_frames": [len(clips[clip_id]) for clip_id in ids],
            "height": 16,
            "width": 16,
            "fps": 25.0,
            "ground_truth": None,
            "digest": [f"{i:032x}" for i in range(len(ids))],
        }
    )
