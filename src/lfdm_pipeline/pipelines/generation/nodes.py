"""Weights, reference frames and labels to clips."""

import logging
from statistics import median

import pandas as pd

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.diffusion.samplers import visited_steps
from lfdm_pipeline.evaluation.timing import device_name
from lfdm_pipeline.generation.clips import GenerationOptions, Generator, generate_clips
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.workspace import Workspace


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
    """Generate the requested clips; return their store, a table of them, and how long a clip took on which devices."""
    where = pick_device(device)
    # Before anything that was made earlier makes room.
    visited_steps(dm.options.timesteps, options.sampler.steps, dm.options.prediction)
    store = GeneratedStore(workspace.claim())
    generator = Generator(lfae.to(where), dm.to(where), conditions, where)
    generate_clips(
        generator, requests, store, options, seed=seed, identity=workspace.identity, device=device_name(where)
    )
    logging.getLogger(__name__).info("%d clips: %s", len(requests), store.videos)
    table = pd.DataFrame(
        {"name": each.name, "label": each.label, "subject": each.subject, "origin": each.origin} for each in requests
    )
    name = f"timing.{options.sampler.key}"
    seconds = median(store.seconds(each.name) for each in requests)
    # Other machines may have made them, and this one only put them together.
    devices = sorted({store.device(each.name) for each in requests})
    return store, table, {f"{name}.seconds_per_clip": seconds, f"{name}.device": "; ".join(devices)}
