"""Sizes of networks and batches that the hot paths are computed at."""

from dataclasses import dataclass

from tests.reference.sizes import LFAE_OPTIONS

from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.models.lfae import LFAEOptions


@dataclass(frozen=True)
class Sizes:
    """Networks, frames of `image_size` squared and `frames` a clip, `pairs` a step of stage one."""

    lfae: LFAEOptions
    dm: DMOptions
    image_size: int
    frames: int
    pairs: int
    sampling_steps: int

    @property
    def latent_size(self) -> int:
        return self.image_size // 4


PUBLISHED = Sizes(LFAEOptions(), DMOptions(), image_size=128, frames=40, pairs=4, sampling_steps=10)

TINY = Sizes(
    LFAE_OPTIONS.model_copy(update={"num_regions": 3}),
    DMOptions(
        denoiser=DenoiserOptions(dim=16, multipliers=(1, 2), feature_channels=16, condition_dim=8, heads=2, head_dim=8)
    ),
    # VGG-19 halves an eighth of it four times.
    image_size=128,
    frames=5,
    pairs=4,
    sampling_steps=4,
)
