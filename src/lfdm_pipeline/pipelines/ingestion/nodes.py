"""Raw files to clips."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lfdm_pipeline.clips.ingestion import IngestionOptions, ingest
from lfdm_pipeline.clips.parts import adopt_clips, recordings_of
from lfdm_pipeline.clips.silhouettes import measure_silhouettes
from lfdm_pipeline.clips.sources import SourceOptions, Survey, open_source
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.workspace import Workspace

_LOG = logging.getLogger(__name__)


def prepare_raw_corpus(root: Path, source: SourceOptions) -> Path:
    """Check that the raw corpus is there; a corpus that is rendered is rendered now."""
    open_source(source).prepare(root)
    return root


def ingest_clips(
    raw_corpus: Path, source: SourceOptions, options: IngestionOptions, workspace: Workspace
) -> tuple[ClipStore, pd.DataFrame, dict[str, Any], npt.NDArray[np.uint8]]:
    """Decode every recording that is new or changed; return all clips, their table, a report and a contact sheet."""
    survey = open_source(source).survey(raw_corpus)
    recordings = recordings_of(survey.recordings, options.shard)
    # Not claimed: each clip's own note says whether it is up to date, so that a new file decodes nothing else again.
    store = ClipStore(workspace.open())
    for part in workspace.shards:
        adopt_clips(store, ClipStore(part))
    ingested = ingest(raw_corpus, recordings, store, options, passed_over=survey.left_out)
    findings = [
        *survey.findings,
        *_findings_in_depth(raw_corpus, survey, options, workspace),
        *ingested.report.findings,
    ]
    for finding in findings:
        _LOG.warning("%s", finding)
    report = {**ingested.report.as_dict(), "findings": findings}
    return store, ingested.clip_table, report, ingested.report.contact_sheet


def _findings_in_depth(
    raw_corpus: Path, survey: Survey, options: IngestionOptions, workspace: Workspace
) -> Iterator[str]:
    if survey.depth_files:
        notes = workspace.folder / "silhouettes.json"
        yield measure_silhouettes(raw_corpus, survey.depth_files, notes).beside(options.crop)
