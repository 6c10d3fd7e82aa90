"""One machine's part of generation at scale."""

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.device import pick_device
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.timing import device_name
from lfdm_pipeline.generation.clips import GenerationOptions, Generator, generate_clips
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.shard import Shard, share_of
from lfdm_pipeline.workspace import Workspace


def generate_shard(
    lfae: LFAE,
    dm: DM,
    conditions: ConditionVectors,
    requests: list[Request],
    options: GenerationOptions,
    shard: Shard | None,
    seed: int,
    device: str,
    workspace: Workspace,
) -> None:
    """Generate this shard's clips into the folder that all shards fill; the generation pipeline then seals it."""
    if shard is None:
        raise InputError("shard: which part of the clips is not said; give --params shard=2/8 for the second of eight")
    part = share_of(requests, shard)
    where = pick_device(device)
    generator = Generator(lfae.to(where), dm.to(where), conditions, where)
    store = GeneratedStore(workspace.join())
    generate_clips(generator, part, store, options, seed=seed, identity=workspace.identity, device=device_name(where))
