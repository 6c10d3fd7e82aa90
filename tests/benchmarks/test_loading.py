"""Reading what the networks learn from, beside files as one would write them without thought (`make bench`)."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch
from tests.benchmarks.measuring import compare

from lfdm_pipeline.clips.augmentation import ColorJitter, ColorJitterOptions
from lfdm_pipeline.clips.flow_clips import FlowClips, FlowClipsOptions
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.frame_pairs import FramePairs, FramePairsOptions
from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.clips.store import ClipStore

SIZE, LATENT, FRAMES, ITEMS = 128, 32, 80, 40
CLIPS = [f"{number}" for number in range(8)]
CPU = torch.device("cpu")


@pytest.fixture
def clips(tmp_path: Path) -> ClipStore:
    """Smooth moving pictures, as arrays and as one PNG a frame."""
    rng, store = np.random.default_rng(0), ClipStore(tmp_path / "clips")
    for clip_id in CLIPS:
        coarse = rng.integers(0, 256, (FRAMES // 8, 8, 8, 3), np.uint8)
        frames = np.stack(
            [cv2.resize(coarse[t // 8], (SIZE, SIZE), interpolation=cv2.INTER_CUBIC) for t in range(FRAMES)]
        )
        store.write(clip_id, frames)
        for t, frame in enumerate(frames):
            cv2.imwrite(str(tmp_path / f"{clip_id}_{t}.png"), frame)
    return store


def test_pairs_of_frames(benchmark: Any, clips: ClipStore, tmp_path: Path) -> None:
    options = FramePairsOptions()
    pairs, jitter = FramePairs(clips, CLIPS, seed=0, options=options), ColorJitter(options.color_jitter)

    def plain(draw: int) -> torch.Tensor:
        rng = np.random.default_rng(draw)
        chosen = np.sort(rng.integers(0, FRAMES, 2))
        pictures = [cv2.imread(str(tmp_path / f"{CLIPS[draw % len(CLIPS)]}_{t}.png"))[..., ::-1] for t in chosen]
        jittered = jitter(np.stack(pictures), rng)
        return torch.from_numpy(jittered).permute(0, 3, 1, 2).float() / 255

    title = f"loading {ITEMS} pairs of frames; plain: PNG"
    compare(benchmark, title, lambda: [pairs[i] for i in range(ITEMS)], lambda: [plain(i) for i in range(ITEMS)], CPU)


def test_clips_of_flows(benchmark: Any, clips: ClipStore, tmp_path: Path) -> None:
    rng, flows, options = np.random.default_rng(0), FlowStore(tmp_path / "flows"), FlowClipsOptions()
    for clip_id in CLIPS:
        values = rng.random((FRAMES, 3, LATENT, LATENT), np.float32)
        flows.write(clip_id, values[:, :2], values[:, 2:])
        np.savez_compressed(tmp_path / f"{clip_id}.npz", flow=values)
    table = pd.DataFrame({"clip_id": CLIPS, "label": "nod"})
    condition = np.zeros(768, np.float32)
    ours = FlowClips(table, clips, flows, {"nod": condition}, seed=0, options=options)
    jitter = ColorJitter(ColorJitterOptions(**options.color_jitter.model_dump()))

    def plain(draw: int) -> tuple[torch.Tensor, ...]:
        rng, clip_id = np.random.default_rng(draw), CLIPS[draw % len(CLIPS)]
        chosen = sample_frames(options.sampling, FRAMES, options.num_frames, rng)
        flow = torch.from_numpy(np.load(tmp_path / f"{clip_id}.npz")["flow"][chosen]).transpose(0, 1).contiguous()
        reference = jitter(cv2.imread(str(tmp_path / f"{clip_id}_0.png"))[None, ..., ::-1], rng)
        return flow, torch.from_numpy(reference[0]).permute(2, 0, 1).float() / 255, torch.from_numpy(condition)

    title = f"loading {ITEMS} clips of flows; plain: compressed whole clips, PNG"
    compare(benchmark, title, lambda: [ours[i] for i in range(ITEMS)], lambda: [plain(i) for i in range(ITEMS)], CPU)
