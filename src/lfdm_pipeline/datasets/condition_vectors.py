"""Condition vectors of labels."""

import json
from typing import TYPE_CHECKING

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset

if TYPE_CHECKING:
    from lfdm_pipeline.models.conditioning import ConditionVectors


class ConditionVectorsDataset(ArtifactDataset):
    """One vector a label, (L, D), as a safetensors file that also names the labels."""

    def _read(self) -> "ConditionVectors":
        from safetensors import safe_open

        from lfdm_pipeline.models.conditioning import ConditionVectors

        with safe_open(self.path, framework="pt") as file:
            labels = json.loads(file.metadata()["labels"])
            return ConditionVectors(labels=tuple(labels), vectors=file.get_tensor("vectors"))

    def _write(self, data: "ConditionVectors") -> None:
        from safetensors.torch import save_file

        with replacing(self.path) as temporary:
            save_file({"vectors": data.vectors.contiguous()}, temporary, {"labels": json.dumps(data.labels)})
