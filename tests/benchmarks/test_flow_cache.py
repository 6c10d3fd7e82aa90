"""The DM's training on flows in memory, in files that the kernel remembers, and in files that it never does.

The last is a cache larger than memory at its worst: every read is one from the disk (`make bench`).
"""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
import yaml
from torch import Tensor
from torch.utils.data import default_collate

from lfdm_pipeline.clips.clip_files import ClipFiles
from lfdm_pipeline.clips.flow_clips import FlowClips, FlowClipsOptions
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.objectives.noise_prediction import DiffusionObjective, DiffusionObjectiveOptions
from lfdm_pipeline.objectives.randomness import Randomness
from lfdm_pipeline.training.dm_step import DMStep

CONF = Path(__file__).parents[2] / "conf"
BASE, MUG = (yaml.safe_load((CONF / env / "parameters.yml").read_text()) for env in ("base", "mug"))
KINDS = {"base": (BASE, 64, 24), "mug": (MUG, 128, 70)}
"""Parameters, frame size and frames a clip."""
CLIPS = 64


def in_memory(store: ClipFiles) -> None:
    arrays = {clip_id: np.array(store.open(clip_id)) for clip_id in store}
    store.open = arrays.__getitem__  # type: ignore[method-assign]


def mapped(store: ClipFiles) -> None:
    for clip_id in store:
        np.array(store.open(clip_id))


def mapped_and_forgotten(store: ClipFiles) -> None:
    opened = store.open

    def open_cold(clip_id: str) -> Any:
        forget(store.path(clip_id))
        return opened(clip_id)

    store.open = open_cold  # type: ignore[method-assign]


def forget(path: Path) -> None:
    """Let the kernel drop what it remembers of a file, which nobody may have mapped."""
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


VARIANTS: dict[str, Callable[[ClipFiles], None]] = {
    "memory": in_memory,
    "mapped": mapped,
    "mapped_and_forgotten": mapped_and_forgotten,
}


def lay_out(root: Path, size: int, frames: int) -> None:
    rng = np.random.default_rng(0)
    clips, flows = ClipStore(root / "clips"), FlowStore(root / "flows")
    for number in range(CLIPS):
        clips.write(f"{number}", rng.integers(0, 256, (frames, size, size, 3), np.uint8))
        values = rng.uniform(-0.5, 0.5, (frames, 3, size // 4, size // 4))
        flows.write(f"{number}", values[:, :2], values[:, 2:])


def batches(root: Path, variant: str, parameters: dict[str, Any]) -> Iterator[dict[str, Tensor]]:
    """Batches as training draws them, loaded in the process that trains."""
    stores = ClipStore(root / "clips"), FlowStore(root / "flows")
    for store in stores:
        VARIANTS[variant](store)
    sizes = parameters["dm"]
    table = pd.DataFrame({"clip_id": list(stores[1]), "label": "nod"})
    conditions = {"nod": np.zeros(sizes["model"]["denoiser"]["condition_dim"], np.float32)}
    draws = FlowClips(table, *stores, conditions, seed=0, options=FlowClipsOptions(**sizes["data"]))
    size = sizes["training"]["batch_size"]
    for step in count():
        yield default_collate([draws[step * size + item] for item in range(size)])


def training_step() -> Callable[[dict[str, Tensor]], None]:
    """A step at the sizes of the synthetic corpus."""
    torch.manual_seed(0)
    dm, lfae = DM(DMOptions(**BASE["dm"]["model"])), LFAE(LFAEOptions(**BASE["lfae"]["model"]))
    step = DMStep(dm, lfae, DiffusionObjective(DiffusionObjectiveOptions(**BASE["dm"]["objective"]))).train()
    optimiser = torch.optim.Adam(dm.parameters(), fused=True)
    randomness = Randomness(torch.Generator().manual_seed(0))

    def train(batch: dict[str, Tensor]) -> None:
        optimiser.zero_grad()
        step(batch, randomness).total.backward()
        optimiser.step()

    return train


@pytest.fixture(scope="module", params=KINDS)
def corpus(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    parameters, size, frames = KINDS[request.param]
    root = tmp_path_factory.mktemp(request.param)
    lay_out(root, size, frames)
    return root, parameters


@pytest.mark.parametrize("variant", VARIANTS)
def test_loading_of_a_batch(benchmark: Any, corpus: tuple[Path, dict[str, Any]], variant: str) -> None:
    root, parameters = corpus
    benchmark(next, batches(root, variant, parameters))


@pytest.mark.parametrize("variant", VARIANTS)
def test_training_step(benchmark: Any, tmp_path: Path, variant: str) -> None:
    lay_out(tmp_path, *KINDS["base"][1:])
    coming, train = batches(tmp_path, variant, BASE), training_step()
    benchmark(lambda: train(next(coming)))
