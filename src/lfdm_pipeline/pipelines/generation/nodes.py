"""Weights, reference frames and labels to clips."""

import difflib
from statistics import median

import pandas as pd

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.generation.clips import GenerationOptions, Generator, generate_clips
from lfdm_pipeline.generation.requests import Request, requests_for_image, requests_for_subjects
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.workspace import Workspace


def list_requests(
    clip_table: pd.DataFrame, clips: ClipStore, conditions: ConditionVectors, options: GenerationOptions
) -> list[Request]:
    """What to generate: the labels asked for, from the image given or from every test subject."""
    labels = _known(options.labels or conditions.labels, conditions.labels)
    if options.image is None:
        return requests_for_subjects(clip_table, clips, labels, options.per_condition, options.per_reference)
    return requests_for_image(options.image, int(clip_table["height"].iloc[0]), labels, options.per_condition)


def generate(
    lfae: LFAE,
    dm: DM,
    conditions: ConditionVectors,
    requests: list[Request],
    options: GenerationOptions,
    seed: int,
    device: str,
    workspace: Workspace,
) -> tuple[GeneratedStore, pd.DataFrame, dict[str, float | str]]:
    """Generate the requested clips; return their store, a table of them and the time that a clip took."""
    where = pick_device(device)
    store = GeneratedStore(workspace.claim())
    generator = Generator(lfae.to(where), dm.to(where), conditions, where)
    generate_clips(generator, requests, store, options, seed=seed, identity=workspace.identity)
    table = pd.DataFrame(
        {"name": each.name, "label": each.label, "subject": each.subject, "origin": each.origin} for each in requests
    )
    name = f"timing.{options.sampler.key}"
    seconds = median(store.seconds(each.name) for each in requests)
    return store, table, {f"{name}.seconds_per_clip": seconds, f"{name}.device": str(where)}


def _known(labels: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    for label in labels:
        if label not in known:
            close = difflib.get_close_matches(label, known, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            raise InputError(f"generation.labels: unknown label '{label}'; {hint}the labels are {', '.join(known)}")
    return labels
