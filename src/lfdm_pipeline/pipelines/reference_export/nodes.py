"""Trained or finetuned weights, as the published code reads them."""

from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.reference.exporting import PublishedFile, published_dm, published_lfae


def export_lfae(lfae: LFAE) -> PublishedFile:
    """The state dicts of a stage-one file."""
    return published_lfae(lfae)


def export_dm(dm: DM) -> PublishedFile:
    """The state dict of a stage-two file."""
    return published_dm(dm)
