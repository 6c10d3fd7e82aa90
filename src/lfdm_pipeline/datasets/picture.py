"""Pictures."""

import numpy as np
from numpy.typing import NDArray

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.datasets.artifact import ArtifactDataset


class PictureDataset(ArtifactDataset):
    """A picture, uint8 (H, W, 3) RGB, as a PNG file."""

    def _read(self) -> NDArray[np.uint8]:
        from PIL import Image

        with Image.open(self.path) as image:
            return np.asarray(image.convert("RGB"))

    def _write(self, data: NDArray[np.uint8]) -> None:
        from PIL import Image

        with replacing(self.path) as temporary:
            Image.fromarray(data).save(temporary)
