"""Raw files to clips."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.sources import SourceOptions, open_source
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.workspace import Workspace


def prepare_raw_corpus(root: Path, source: SourceOptions) -> Path:
    """Check that the raw corpus is there; a corpus that is rendered is rendered now."""
    open_source(source).prepare(root)
    return root


def ingest_clips(
    raw_corpus: Path, source: SourceOptions, options: IngestionOptions, workspace: Workspace
) -> tuple[ClipStore, pd.DataFrame, dict[str, Any], npt.NDArray[np.uint8]]:
    """Decode every recording that is new or changed; return all clips, their table, a report and a contact sheet."""
    # Not claimed: each clip's own note says whether it is up to date, so that a new file decodes nothing else again.
    store = ClipStore(workspace.folder)
    ingested = ingest(raw_corpus, open_source(source).recordings(raw_corpus), store, options)
    return store, ingested.clip_table, ingested.report.as_dict(), ingested.report.contact_sheet
