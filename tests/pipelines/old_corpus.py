"""What a run on another corpus leaves, made up: untrained networks, clips of noise."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import validate_clip_table
from lfdm_pipeline.datasets import ConditionVectorsDataset, FolderDataset, ModelDataset, TableDataset
from lfdm_pipeline.models.conditioning import label_vectors
from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.models.probe import Probe, ProbeOptions

LABELS = ("nod", "smile")
SIZE, FRAMES = 32, 4
LFAE_OPTIONS = LFAEOptions(
    num_regions=3,
    num_res_blocks=1,
    **dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2),
    **dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4),
)


def make_old_corpus(
    data: Path, corpus: str, labels: Sequence[str] = LABELS, splits: Sequence[str] = ("train", "train", "test")
) -> None:
    """Leave everything that a new domain takes from the corpus it builds on, in the project's data folder."""
    torch.manual_seed(0)
    models = data / "06_models" / corpus / "main"
    denoiser = DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=16, condition_dim=8, heads=2, head_dim=8)
    for name, network in {
        "lfae": LFAE(LFAE_OPTIONS),
        "dm": DM(DMOptions(denoiser=denoiser, target="displacement", prediction="v")),
        "probe": Probe(ProbeOptions(num_labels=len(labels), image_size=16, width=8, feature_dim=4)),
    }.items():
        ModelDataset(filepath=str(models / name), model="").save(network)
    vectors = data / "04_feature" / corpus / "main" / "condition_vectors.safetensors"
    ConditionVectorsDataset(filepath=str(vectors)).save(label_vectors(tuple(labels), 8, seed=0))
    _clips(data / "02_intermediate" / corpus, labels, splits)
    _generated(data / "07_model_output" / corpus / "main" / "test_subjects", labels)


def _clips(folder: Path, labels: Sequence[str], splits: Sequence[str]) -> None:
    rng = np.random.default_rng(0)
    store = ClipStore(folder / "clips")
    rows = []
    for number, split in enumerate(splits):
        store.write(f"old{number}", rng.integers(0, 256, (6, SIZE, SIZE, 3), dtype=np.uint8))
        about = {"source": "x", "label": labels[number % 2], "subject": f"old{number}", "split": split}
        size = {"num_frames": 6, "height": SIZE, "width": SIZE, "fps": 10.0, "ground_truth": None}
        rows.append({"clip_id": f"old{number}", "digest": f"{number:032x}", **about, **size})
    FolderDataset(filepath=str(store.root)).save(store)
    TableDataset(filepath=str(folder / "clip_table.parquet")).save(validate_clip_table(pd.DataFrame(rows)))


def _generated(folder: Path, labels: Sequence[str]) -> None:
    rng = np.random.default_rng(1)
    store = GeneratedStore(folder / "clips")
    frames = rng.integers(0, 256, (FRAMES, SIZE, SIZE, 3), dtype=np.uint8)
    rows = []
    for label in labels:
        name = f"old2_{label}"
        displacement = rng.normal(0, 0.1, (FRAMES, 2, SIZE // 4, SIZE // 4)).astype(np.float32)
        occlusion = np.full((FRAMES, 1, SIZE // 4, SIZE // 4), 0.5, np.float32)
        store.write(
            name, frames[0], frames, displacement, occlusion, fps=10.0, provenance={}, seconds=0.1, device="a CPU"
        )
        rows.append({"name": name, "label": label, "subject": "old2", "origin": "old2"})
    FolderDataset(filepath=str(store.root)).save(store)
    TableDataset(filepath=str(folder / "generated_table.parquet")).save(pd.DataFrame(rows))
