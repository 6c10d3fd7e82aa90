"""Text and JSON files."""

import json
from typing import Any

from pydantic import TypeAdapter

from lfdm_pipeline import atomic
from lfdm_pipeline.datasets.artifact import ArtifactDataset


class TextDataset(ArtifactDataset):
    """A text file (UTF-8)."""

    def _read(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def _write(self, data: str) -> None:
        atomic.write_text(self.path, data)


class JsonDataset(ArtifactDataset):
    """A JSON file of plain values; dataclasses and options are saved as their fields."""

    def _read(self) -> Any:
        return json.loads(self.path.read_text(encoding="utf-8"))

    def _write(self, data: Any) -> None:
        plain = TypeAdapter(Any).dump_python(data, mode="json")
        atomic.write_text(self.path, json.dumps(plain, indent=2, ensure_ascii=False) + "\n")
