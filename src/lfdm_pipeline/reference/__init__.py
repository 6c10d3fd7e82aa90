"""The published checkpoint format."""

from lfdm_pipeline.reference.denoiser import load_published_denoiser
from lfdm_pipeline.reference.lfae import load_published_lfae

__all__ = ["load_published_denoiser", "load_published_lfae"]
