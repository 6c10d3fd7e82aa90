"""The frozen LFAE's flows of every clip, computed once and kept."""

import pandas as pd

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.extraction.latent_flows import ExtractionOptions, extract_latent_flows
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.workspace import Workspace


def extract_flows(
    lfae: LFAE,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    options: ExtractionOptions,
    device: str,
    workspace: Workspace,
) -> FlowStore:
    """Flow and occlusion of all frames of every clip against its frame 0."""
    flows = FlowStore(workspace.claim())
    extract_latent_flows(lfae, clips, clip_table["clip_id"].tolist(), flows, options, pick_device(device))
    return flows
