"""The smallest models with every kind of layer."""

from lfdm_pipeline.models.denoiser import DenoiserOptions
from lfdm_pipeline.models.dm import DMOptions
from lfdm_pipeline.models.lfae import LFAEOptions

LFAE_OPTIONS = LFAEOptions(
    num_regions=2,
    region_width=4,
    region_blocks=2,
    background_width=4,
    background_blocks=2,
    flow_width=4,
    flow_blocks=2,
    generator_width=4,
    num_res_blocks=1,
)
DM_OPTIONS = DMOptions(
    denoiser=DenoiserOptions(dim=8, multipliers=(1, 2), feature_channels=16, condition_dim=8, heads=2, head_dim=8),
    timesteps=10,
)
