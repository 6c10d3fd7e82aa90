"""Condition vectors of labels."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.storage import reading

if TYPE_CHECKING:
    from lfdm_pipeline.models.conditioning import ConditionVectors


class ConditionVectorsDataset(ArtifactDataset):
    """One vector a label, (L, D), as a safetensors file that also names the labels."""

    def _read(self, path: Path) -> "ConditionVectors":
        from safetensors import safe_open

        from lfdm_pipeline.models.conditioning import ConditionVectors

        with reading(path) as local, safe_open(local, framework="pt") as file:
            labels = json.loads(file.metadata()["labels"])
            return ConditionVectors(labels=tuple(labels), vectors=file.get_tensor("vectors"))

    def _write(self, data: "ConditionVectors", path: Path) -> None:
        from safetensors.torch import save_file

        with replacing(path) as temporary:
            save_file({"vectors": data.vectors.contiguous()}, temporary, {"labels": json.dumps(data.labels)})
