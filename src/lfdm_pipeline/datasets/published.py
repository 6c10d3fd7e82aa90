"""Files in the published layout."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.storage import reading

if TYPE_CHECKING:
    from torch import Tensor


class PublishedFileDataset(ArtifactDataset):
    """State dicts by network, as `torch.save` writes them: plain tensors, opened without unpickling code."""

    def _read(self, path: Path) -> "dict[str, dict[str, Tensor]]":
        import torch

        with reading(path) as file:
            state: dict[str, dict[str, Any]] = torch.load(file, map_location="cpu", weights_only=True)
        return state

    def _write(self, data: "dict[str, dict[str, Tensor]]", path: Path) -> None:
        import torch

        with replacing(path) as temporary:
            torch.save(data, temporary)
