"""The line from raw files to a report, every size tiny: real datasets, workspaces, checkpoints and extraction."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Pipeline, node, pipeline
from kedro.runner import SequentialRunner
from torch import Tensor, nn

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.datasets import (
    ArtifactDataset,
    FolderDataset,
    JsonDataset,
    ModelDataset,
    RawCorpusDataset,
    TableDataset,
    TextDataset,
    WorkspaceDataset,
)
from lfdm_pipeline.datasets.fingerprint import Lineage, digest
from lfdm_pipeline.extraction.latent_flows import ExtractionOptions
from lfdm_pipeline.hooks.pipelines import steps
from lfdm_pipeline.options import Options
from lfdm_pipeline.pipelines.latent_extraction.nodes import extract_flows
from lfdm_pipeline.training.checkpoint import Checkpoints
from lfdm_pipeline.workspace import Workspace

STEPS = 3
FRAMES = 2


class TinyOptions(Options):
    gain: float


class TinyLFAE(nn.Module):
    def __init__(self, options: TinyOptions) -> None:
        super().__init__()
        self.options = options
        self.gain = nn.Parameter(torch.tensor(options.gain))

    def merged(self) -> "TinyLFAE":
        return self

    def extract(self, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
        difference = (driving - source.unsqueeze(1)).mean(2) * self.gain
        return torch.stack([difference, difference], -1), difference.unsqueeze(2).sigmoid()


def ingest(raw_corpus: Path, size: int, workspace: Workspace) -> tuple[ClipStore, pd.DataFrame]:
    store, rows = ClipStore(workspace.claim()), []
    for path in sorted(raw_corpus.glob("*.txt")):
        value = int(path.read_text())
        frames = np.arange(FRAMES, dtype=np.uint8)[:, None, None, None] * np.full((1, size, size, 3), value, np.uint8)
        if path.stem not in store:
            store.write(path.stem, frames)
        rows.append({"clip_id": path.stem, "digest": digest(frames.tolist())})
    return store, pd.DataFrame(rows)


def make_lfae(gain: float) -> TinyLFAE:
    return TinyLFAE(TinyOptions(gain=gain))


def extract(lfae: TinyLFAE, table: pd.DataFrame, clips: ClipStore, workspace: Workspace) -> FlowStore:
    return extract_flows(lfae, table, clips, ExtractionOptions(batch_frames=2 * FRAMES), "cpu", workspace)  # type: ignore[arg-type]


def train_dm(flows: FlowStore, rate: float, workspace: Workspace) -> dict[str, float]:
    checkpoints = Checkpoints(workspace, keep=2)
    state = checkpoints.latest() or {"step": 0, "weight": 1.0}
    weight = float(state["weight"])
    for step in range(state["step"], STEPS):
        weight += rate * (1 + sum(float(flows.read(clip_id)[0].sum()) for clip_id in flows)) / (step + 1)
        checkpoints.save(step + 1, {"weight": weight})
    return {"weight": weight}


def score(dm: Mapping[str, float], table: pd.DataFrame, frames: int) -> dict[str, float]:
    return {"score": dm["weight"] * len(table) + frames}


def write_report(scores: Mapping[str, float]) -> str:
    return f"score {scores['score']:.6f}"


PIPELINES: dict[str, Pipeline] = {
    "ingestion": pipeline(
        [node(ingest, ["raw_corpus", "params:size", "clips_workspace"], ["clips", "clip_table"], name="ingest")]
    ),
    "lfae": pipeline([node(make_lfae, "params:gain", "lfae", name="make_lfae")]),
    "extraction": pipeline(
        [node(extract, ["lfae", "clip_table", "clips", "flows_workspace"], "latent_flows", name="extract")]
    ),
    "dm": pipeline([node(train_dm, ["latent_flows", "params:rate", "dm_workspace"], "dm", name="train_dm")]),
    "evaluation": pipeline(
        [
            node(score, ["dm", "clip_table", "params:frames"], "scores", name="score"),
            node(write_report, "scores", "report", name="write_report"),
        ]
    ),
}
EVERYTHING = sum(PIPELINES.values(), start=pipeline([]))


def _entries(data: Path, raw: Path) -> dict[str, Any]:
    return {
        "raw_corpus": RawCorpusDataset(filepath=str(raw)),
        "clips_workspace": WorkspaceDataset(filepath=f"{data}/clips", serves="clips"),
        "clips": FolderDataset(filepath=f"{data}/clips", opens="lfdm_pipeline.clips.store.ClipStore"),
        "clip_table": TableDataset(filepath=f"{data}/clip_table.parquet"),
        "lfae": ModelDataset(filepath=f"{data}/lfae", model=f"{__name__}.TinyLFAE"),
        "flows_workspace": WorkspaceDataset(
            filepath=f"{data}/latent_flows", serves="latent_flows", compares=["clips", "clip_table"]
        ),
        "latent_flows": FolderDataset(
            filepath=f"{data}/latent_flows", opens="lfdm_pipeline.clips.flow_store.FlowStore"
        ),
        "dm_workspace": WorkspaceDataset(filepath=f"{data}/dm_checkpoints", serves="dm"),
        "dm": JsonDataset(filepath=f"{data}/dm.json"),
        "scores": JsonDataset(filepath=f"{data}/scores.json"),
        "report": TextDataset(filepath=f"{data}/report.txt"),
    }


def make(data: Path, raw: Path, parameters: Mapping[str, Any]) -> None:
    """Make what is missing or out of date, as `kedro run --only-missing-outputs` does."""
    entries = _entries(data, raw)
    artifacts = {name: entry for name, entry in entries.items() if isinstance(entry, ArtifactDataset)}
    lineage = Lineage(steps(PIPELINES), parameters, artifacts, {"raw_corpus": entries["raw_corpus"]})
    for name, entry in entries.items():
        if isinstance(entry, ArtifactDataset):
            entry.bind(name, lineage)
        elif isinstance(entry, WorkspaceDataset):
            entry.bind(lineage)
    values = {f"params:{name}": MemoryDataset(value) for name, value in parameters.items()}
    SequentialRunner().run(EVERYTHING, DataCatalog({**entries, **values}), only_missing_outputs=True)


def artifacts(data: Path) -> dict[str, bytes | dict[str, Any]]:
    """The content of everything that is kept; manifests without the time at which they were written."""
    content: dict[str, bytes | dict[str, Any]] = {}
    for path in data.rglob("[!.]*"):
        if path.is_file() and "checkpoints" not in str(path.relative_to(data)):
            read = path.read_bytes()
            if path.name.endswith("manifest.json"):
                content[str(path.relative_to(data))] = {**json.loads(read), "created": None}
            else:
                content[str(path.relative_to(data))] = read
    return content
