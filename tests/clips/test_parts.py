"""Parts that lie where no part was made: on shared storage."""

from dataclasses import replace

import numpy as np

from lfdm_pipeline.clips.clip_notes import ClipNote, read_note, write_note
from lfdm_pipeline.clips.parts import adopt_clips
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.storage import to_path

NOTE = ClipNote("raw.avi", "state", 0, None, "recipe", "pyav", 25.0, num_frames=2, digest="1")


def keep(store: ClipStore, clip_id: str, value: int, note: ClipNote = NOTE) -> None:
    store.write(clip_id, np.full((2, 4, 4, 3), value, np.uint8))
    write_note(store, clip_id, note)


def test_clips_of_other_machines_come_with_their_notes_and_replace_former_ones(remote: str) -> None:
    whole, *parts = (ClipStore(to_path(f"{remote}/{name}")) for name in ("whole", "1", "2", "3"))
    keep(whole, "take/0", 9, replace(NOTE, digest="former"))
    keep(whole, "same", 9)
    for number, part in enumerate(parts):
        keep(part, f"take/{number}", number)
    keep(parts[0], "same", 0)
    for part in parts:
        adopt_clips(whole, part)
    assert list(whole) == ["same", "take/0", "take/1", "take/2"]
    assert [int(whole[f"take/{number}"].max()) for number in range(3)] == [0, 1, 2]
    assert read_note(whole, "take/0") == NOTE
    assert whole["same"].max() == 9, "what a note says is there is not fetched again"
