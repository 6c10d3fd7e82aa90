"""What ingestion remembers of each clip, beside its frames."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.store import ClipStore


@dataclass(frozen=True)
class ClipNote:
    """What a clip was made from, or could not be made from, so that its file need not be read again."""

    source: str
    source_state: str
    """What `raw_state.state_of` said before it was read."""
    first_frame: int
    last_frame: int | None
    recipe: str
    decoder: str
    fps: float | None
    """None where the file does not say."""
    num_frames: int = 0
    digest: str = ""
    """Hash of the frames."""
    failure: str | None = None
    """Why there is no clip."""


def read_note(store: ClipStore, clip_id: str) -> ClipNote | None:
    """The note of a clip, or None where there is none, or one of a clip that is gone."""
    try:
        note = ClipNote(**json.loads(note_path(store, clip_id).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return note if note.failure is not None or clip_id in store else None


def write_note(store: ClipStore, clip_id: str, note: ClipNote) -> None:
    """Put a note beside a clip, or where it would lie."""
    write_text(note_path(store, clip_id), json.dumps(asdict(note)))


def failed_clips(store: ClipStore) -> Iterator[str]:
    """Ids of clips of which there is but a note that says why."""
    for path in store.root.rglob("*.json"):
        clip_id = path.relative_to(store.root).as_posix().removesuffix(".json")
        if clip_id not in store and read_note(store, clip_id) is not None:
            yield clip_id


def forget(store: ClipStore, clip_id: str) -> None:
    """Remove a clip and its note."""
    note_path(store, clip_id).unlink(missing_ok=True)
    store.remove(clip_id)


def note_path(store: ClipStore, clip_id: str) -> Path:
    """Where the note of a clip lies."""
    return store.path(clip_id).with_name(store.path(clip_id).name.removesuffix(".npy") + ".json")
