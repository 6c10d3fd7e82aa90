"""One raw file to the clips in it, kept in a store: what ingestion does in its child processes."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.decoding import open_video
from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.clips.geometry import CropBox, to_square
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading


@dataclass(frozen=True)
class ClipCut:
    """A clip within a file."""

    clip_id: str
    first_frame: int
    last_frame: int | None


@dataclass(frozen=True)
class ReadingJob:
    """What to make of one raw file."""

    path: Path
    source: str
    store: Path
    cuts: tuple[ClipCut, ...]
    size: int
    crop: CropBox | None
    faces: FaceFraming | None
    """How to find a crop where there is none."""
    recipe: str
    """Identifies how frames are made, for `ClipNote`."""


@dataclass(frozen=True)
class ClipNote:
    """What a kept clip was made from; lies beside it so that it need not be made again."""

    source: str
    source_bytes: int
    source_modified: int
    """Nanoseconds."""
    first_frame: int
    last_frame: int | None
    recipe: str
    num_frames: int
    fps: float
    digest: str
    """Hash of the frames."""


def read_clips(job: ReadingJob) -> dict[str, str]:
    """Decode a file once and keep its clips; returns why, by clip id, for each that could not be kept.

    Raises:
        InputError: The file is damaged.
    """
    cv2.setNumThreads(1)
    stat = job.path.stat()
    with reading(job.path) as file:
        crop = _crop(file, job)
        stream = open_video(file)
        frames = np.stack([to_square(frame, job.size, crop) for frame in stream.frames])
    store, failures = ClipStore(job.store), {}
    for cut in job.cuts:
        try:
            part = _cut(frames, cut)
        except InputError as error:
            failures[cut.clip_id] = str(error)
            continue
        note = ClipNote(
            source=job.source,
            source_bytes=stat.st_size,
            source_modified=stat.st_mtime_ns,
            first_frame=cut.first_frame,
            last_frame=cut.last_frame,
            recipe=job.recipe,
            num_frames=len(part),
            fps=stream.fps,
            digest=hashlib.blake2b(part.data, digest_size=16).hexdigest(),
        )
        # The note comes last: a clip without one counts for nothing.
        note_path(store, cut.clip_id).unlink(missing_ok=True)
        store.write(cut.clip_id, part)
        write_text(note_path(store, cut.clip_id), json.dumps(asdict(note)))
    return failures


def note_path(store: ClipStore, clip_id: str) -> Path:
    """Where the note of a clip lies."""
    return store.path(clip_id).with_name(store.path(clip_id).name.removesuffix(".npy") + ".json")


def read_note(store: ClipStore, clip_id: str) -> ClipNote | None:
    """The note of a clip, or None where the clip is not kept whole."""
    if clip_id not in store:
        return None
    try:
        return ClipNote(**json.loads(note_path(store, clip_id).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _crop(file: Path, job: ReadingJob) -> CropBox | None:
    # The face has to be known before the first frame can be cropped, and a clip in full size may not fit memory:
    # hence this is the one case of decoding twice.
    return find_face_square(open_video(file).frames, job.faces) if job.faces else job.crop


def _cut(frames: npt.NDArray[np.uint8], cut: ClipCut) -> npt.NDArray[np.uint8]:
    last = len(frames) - 1 if cut.last_frame is None else cut.last_frame
    if not 0 <= cut.first_frame <= last < len(frames):
        raise InputError(f"frames {cut.first_frame} to {last} are not within its {len(frames)} frames")
    return frames[cut.first_frame : last + 1]
