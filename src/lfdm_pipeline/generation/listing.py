"""From options to the list of what to generate."""

import difflib

import pandas as pd

from lfdm_pipeline.clips.ingestion import IngestionOptions
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.generation.clips import GenerationOptions
from lfdm_pipeline.generation.requests import Request, requests_for_image, requests_for_subjects
from lfdm_pipeline.models.conditioning import ConditionVectors


def list_requests(
    clip_table: pd.DataFrame,
    clips: ClipStore,
    conditions: ConditionVectors,
    options: GenerationOptions,
    ingestion: IngestionOptions,
) -> list[Request]:
    """What to generate: the labels asked for, from the image given, framed as the clips are, or every test subject."""
    labels = _known(options.labels or conditions.labels, conditions.labels)
    if options.image is None:
        shown = sorted(clip_table.loc[clip_table["split"] == "test", "subject"].unique())[: options.subjects]
        table = clip_table[clip_table["subject"].isin(shown)]
        return requests_for_subjects(table, clips, labels, options.per_condition, options.per_reference)
    size = int(clip_table["height"].iloc[0])
    return requests_for_image(options.image, size, labels, options.per_condition, ingestion.faces)


def _known(labels: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for label in labels:
        if label not in known:
            close = difflib.get_close_matches(label, known, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise InputError(f"generation.labels: unknown label '{label}'; {hint}the labels are {', '.join(known)}")
    return labels
