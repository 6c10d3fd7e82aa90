"""Ingestion by several machines: which files are whose, and how the parts become one."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from tqdm import tqdm

from lfdm_pipeline.atomic import share
from lfdm_pipeline.clips.clip_notes import note_path, read_note
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.shard import Shard, share_of

# Remote storages take their time for an answer, not for the work.
_AT_ONCE = 16


def recordings_of(recordings: Sequence[Recording], shard: Shard | None) -> list[Recording]:
    """The recordings of a shard: files are divided, so that each is decoded by one machine.

    Raises:
        InputError: there are more shards than files.
    """
    sources = sorted({each.source for each in recordings})
    mine = set(share_of(sources, shard))
    if recordings and not mine:
        raise InputError(f"ingestion.shard {shard}: there are only {len(sources)} files; take fewer shards")
    return [each for each in recordings if each.source in mine]


def adopt_clips(store: ClipStore, part: ClipStore) -> None:
    """Let a store have the clips of a finished part; what is no copy on this disk stays one file."""
    # Not those that it has already: their notes say so.
    wanted = [clip_id for clip_id in part if read_note(part, clip_id) != read_note(store, clip_id)]

    def adopt(clip_id: str) -> None:
        note_path(store, clip_id).unlink(missing_ok=True)
        share(part.path(clip_id), store.path(clip_id))
        share(note_path(part, clip_id), note_path(store, clip_id))

    _each(adopt, wanted, "clips of other shards")


def adopt_flows(store: FlowStore, part: FlowStore) -> None:
    """Let a store have the latent flows of a finished part."""
    held = set(store)
    wanted = [clip_id for clip_id in part if clip_id not in held]
    _each(lambda clip_id: share(part.path(clip_id), store.path(clip_id)), wanted, "latent flows of other shards")


def _each(adopt: Callable[[str], None], clip_ids: Sequence[str], what: str) -> None:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        done = pool.map(adopt, clip_ids)
        for _ in tqdm(done, total=len(clip_ids), desc=what, unit="clip", disable=not clip_ids):
            pass
