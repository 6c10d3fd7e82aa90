"""Text and JSON files."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from lfdm_pipeline import atomic
from lfdm_pipeline.datasets.artifact import ArtifactDataset


class TextDataset(ArtifactDataset):
    """A text file (UTF-8)."""

    def _read(self, path: Path) -> str:
        return path.read_text(encoding="utf-8")

    def _write(self, data: str, path: Path) -> None:
        atomic.write_text(path, data)


class JsonDataset(ArtifactDataset):
    """A JSON file of plain values; dataclasses and options are saved as their fields."""

    def _read(self, path: Path) -> Any:
        return json.loads(path.read_text(encoding="utf-8"))

    def _write(self, data: Any, path: Path) -> None:
        plain = TypeAdapter(Any).dump_python(data, mode="json")
        atomic.write_text(path, json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
