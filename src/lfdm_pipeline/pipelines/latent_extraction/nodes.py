"""The frozen LFAE's flows of every clip, computed once and kept."""

import pandas as pd

from lfdm_pipeline.clips.flow_index import keep_flows_of
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.parts import adopt_flows
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.extraction.latent_flows import ExtractionOptions, extract_latent_flows
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.shard import share_of
from lfdm_pipeline.workspace import Workspace


def extract_flows(
    lfae: LFAE,
    clip_table: pd.DataFrame,
    clips: ClipStore,
    options: ExtractionOptions,
    device: str,
    workspace: Workspace,
) -> FlowStore:
    """Flow and occlusion of all frames of every clip against its frame 0; only of clips that are new or changed."""
    flows = FlowStore(workspace.claim())
    clip_ids = share_of(sorted(clip_table["clip_id"]), options.shard)
    digests = clip_table.set_index("clip_id")["digest"]
    keep_flows_of(flows, {clip_id: digests[clip_id] for clip_id in clip_ids})
    for part in workspace.shards:
        adopt_flows(flows, FlowStore(part))
    extract_latent_flows(lfae, clips, clip_ids, flows, options, pick_device(device))
    return flows
