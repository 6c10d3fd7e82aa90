"""Which frames cached latent flows belong to."""

import json
from collections.abc import Mapping

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.flow_store import FlowStore


def keep_flows_of(store: FlowStore, digests: Mapping[str, str]) -> None:
    """Remove the flows of clips that are gone or changed, so that the others need not be made again.

    Args:
        store: flows made by one and the same auto-encoder.
        digests: hash of the frames of every clip that there is now, by clip id.
    """
    index = store.root / ".clips.json"
    made_from = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    for clip_id in store:
        if clip_id not in digests or made_from.get(clip_id) != digests[clip_id]:
            store.remove(clip_id)
    # Only now: until then what is left are flows of the former frames.
    write_text(index, json.dumps(dict(digests), indent=0, sort_keys=True))
