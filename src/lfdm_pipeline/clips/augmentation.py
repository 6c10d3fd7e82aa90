"""Random changes of colour, the same for all images of a clip or a pair."""

import os
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import Field

from lfdm_pipeline.options import Options

# Albumentations asks its package index for news when imported, unless told not to.
os.environ.setdefault("NO_ALBUMENTATIONS_UPDATE", "1")

Fraction = Annotated[float, Field(ge=0, lt=1)]


class ColorJitterOptions(Options):
    """Largest relative change of each property of colour; 0 leaves it alone."""

    brightness: Fraction = 0.0
    """Brightness is multiplied by a factor within 1 ± this."""
    contrast: Fraction = 0.0
    """Contrast is multiplied by a factor within 1 ± this."""
    saturation: Fraction = 0.0
    """Saturation is multiplied by a factor within 1 ± this."""
    hue: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Hue is turned by up to this fraction of the colour wheel either way."""


class ColorJitter:
    """Jitter of brightness, contrast, saturation and hue in random order; one draw for all images given."""

    def __init__(self, options: ColorJitterOptions) -> None:
        self._jitter = None
        if options != ColorJitterOptions():
            # Here, since it takes seconds to import.
            import albumentations

            self._jitter = albumentations.ColorJitter(
                brightness=(1 - options.brightness, 1 + options.brightness),
                contrast=(1 - options.contrast, 1 + options.contrast),
                saturation=(1 - options.saturation, 1 + options.saturation),
                hue=(-options.hue, options.hue),
                p=1.0,
            )

    def __call__(self, images: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
        """Jitter images uint8 (N, H, W, 3) alike, by one draw from `rng`."""
        if self._jitter is None:
            return images
        self._jitter.set_random_seed(int(rng.integers(2**32)))
        jittered = self._jitter(images=images)["images"]
        return np.asarray(jittered, dtype=np.uint8)
