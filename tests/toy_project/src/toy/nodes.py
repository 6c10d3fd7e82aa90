import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options
from lfdm_pipeline.run_log import RunLog
from lfdm_pipeline.workspace import Workspace

RAN: list[str] = []
"""Nodes that ran, in order."""

MEANWHILE: list[Callable[[], None]] = []
"""What others do while `train` runs."""


class SourceOptions(Options):
    clips: int = Field(gt=0)
    kind: Literal["talking", "silent"] = "talking"


class ModelOptions(Options):
    width: int
    depth: int = 2
    picture: Path | None = None


class ExecutionOptions(Options):
    log_every: int = 1


def prepare(options: SourceOptions, raw_root: Path) -> Path:
    RAN.append("prepare")
    raw_root.mkdir(parents=True, exist_ok=True)
    for path in sorted(raw_root.iterdir())[options.clips :]:
        path.unlink()
    for path in (raw_root / f"{index}.txt" for index in range(options.clips)):
        if not path.exists() or path.read_text() != options.kind:
            path.write_text(options.kind)
    return raw_root


def list_recordings(raw_corpus: Path) -> list[str]:
    RAN.append("list_recordings")
    return sorted(path.name for path in raw_corpus.iterdir())


def ingest(recordings: list[str], size: dict[str, int], workspace: Workspace) -> tuple[Path, pd.DataFrame]:
    RAN.append("ingest")
    folder = workspace.claim()
    for name in recordings:
        (folder / name).write_text(str(size["size"]))
        if "TOY_DIE" in os.environ:
            os._exit(9)
    time.sleep(float(os.environ.get("TOY_SLEEP", "0")))
    return folder, pd.DataFrame({"clip_id": recordings})


def train(
    clips: Path, options: ModelOptions, execution: ExecutionOptions, seed: int, run_log: RunLog
) -> dict[str, int]:
    RAN.append("train")
    for other in MEANWHILE:
        other()
    if options.width > 100:
        raise InputError("model.options.width: out of memory; lower it")
    if options.width == 100:
        raise KeyboardInterrupt
    if options.width == 99:
        signal.raise_signal(signal.SIGTERM)
    for step in range(1, 4):
        run_log({"toy/loss": 1 / step}, step)
    return {"width": options.width, "clips": len(list(clips.glob("*.txt"))), "seed": seed}


def score(weights: dict[str, int], clip_table: pd.DataFrame) -> dict[str, float | str]:
    RAN.append("score")
    return {"toy.ratio": weights["width"] / len(clip_table), "toy.note": "words"}


def write_report(scores: dict[str, float], title: str) -> str:
    RAN.append("write_report")
    return f"{title}: {scores['toy.ratio']:.2f}"
