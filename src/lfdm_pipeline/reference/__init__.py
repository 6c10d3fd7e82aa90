"""The published checkpoint format: reading it, writing it, starting from it."""

from lfdm_pipeline.reference.denoiser import load_published_denoiser
from lfdm_pipeline.reference.exporting import published_dm, published_lfae
from lfdm_pipeline.reference.importing import import_dm, import_lfae
from lfdm_pipeline.reference.lfae import load_published_lfae

__all__ = [
    "import_dm",
    "import_lfae",
    "load_published_denoiser",
    "load_published_lfae",
    "published_dm",
    "published_lfae",
]
