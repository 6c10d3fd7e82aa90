"""Pictures."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset
from lfdm_pipeline.storage import reading


class PictureDataset(ArtifactDataset):
    """A picture, uint8 (H, W, 3) RGB, as a PNG file."""

    def _read(self, path: Path) -> NDArray[np.uint8]:
        from PIL import Image

        with reading(path) as local, Image.open(local) as image:
            return np.asarray(image.convert("RGB"))

    def _write(self, data: NDArray[np.uint8], path: Path) -> None:
        from PIL import Image

        with replacing(path) as temporary:
            Image.fromarray(data).save(temporary)
