"""One raw file to the clips in it, kept in a store: what ingestion does in its child processes."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.clip_writing import ClipWriter
from lfdm_pipeline.clips.decoding import Decoder, open_video
from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.raw_state import state_of
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading


@dataclass(frozen=True)
class ClipCut:
    """A clip within a file."""

    clip_id: str
    first_frame: int
    last_frame: int | None

    def holds(self, index: int) -> bool:
        """Whether a frame of the file belongs to the clip."""
        return self.first_frame <= index and (self.last_frame is None or index <= self.last_frame)

    def fits(self, num_frames: int) -> bool:
        """Whether a file of so many frames has all frames of the clip."""
        last = num_frames - 1 if self.last_frame is None else self.last_frame
        return 0 <= self.first_frame <= last < num_frames


@dataclass(frozen=True)
class ReadingJob:
    """What to make of one raw file or folder of pictures."""

    path: Path
    source: str
    store: Path
    cuts: tuple[ClipCut, ...]
    size: int
    crop: CropBox | None
    faces: FaceFraming | None
    """How to find a crop where there is none."""
    decoder: Decoder
    recipe: str
    """Identifies how frames are made, for `ClipNote`."""


@dataclass(frozen=True)
class ClipNote:
    """What a kept clip was made from; lies beside it so that it need not be made again."""

    source: str
    source_state: str
    """What `raw_state.state_of` said before it was read."""
    first_frame: int
    last_frame: int | None
    recipe: str
    num_frames: int
    fps: float | None
    """None where the file does not say."""
    digest: str
    """Hash of the frames."""


@dataclass(frozen=True)
class ReadClips:
    """What came of a raw file."""

    failures: dict[str, str]
    """Why, by clip id, for each clip that could not be kept."""
    halt: str | None = None
    """Why no clip at all can be kept from now on."""


def read_clips(job: ReadingJob) -> ReadClips:
    """Decode a file once and keep its clips.

    Raises:
        InputError: The file is damaged.
    """
    cv2.setNumThreads(1)
    store = ClipStore(job.store)
    writers = {cut: ClipWriter(store.path(cut.clip_id)) for cut in job.cuts}
    try:
        return _read(job, store, writers)
    except OSError as error:
        # Whatever is wrong with the file read is an InputError: this is about those that are written.
        return ReadClips({}, f"cannot write clips of {job.source} into {job.store}: {error.strerror or error}")
    finally:
        for writer in writers.values():
            writer.discard()


def _read(job: ReadingJob, store: ClipStore, writers: Mapping[ClipCut, ClipWriter]) -> ReadClips:
    state = _state_of(job.path)
    with reading(job.path) as file:
        stream = open_video(file, job.decoder, Framing(job.size, _crop(file, job)))
        count = _append(stream, writers)
    for cut, writer in writers.items():
        if cut.fits(count):
            _keep(store, job, cut, writer, state, stream.fps)
    return ReadClips(
        {
            cut.clip_id: f"frames {cut.first_frame} to {cut.last_frame} are not within the {count} of {job.source}"
            for cut in writers
            if not cut.fits(count)
        }
    )


def _append(stream: VideoStream, writers: Mapping[ClipCut, ClipWriter]) -> int:
    """Append the frames of a file to the clips that hold them; return how many the file has."""
    count = 0
    for index, frame in enumerate(stream.frames):
        count = index + 1
        for cut, writer in writers.items():
            if cut.holds(index):
                writer.append(frame)
    return count


def _state_of(path: Path) -> str:
    try:
        return state_of(path)
    except OSError as error:
        raise InputError(f"no video {path}: {error.strerror}") from error


def _keep(store: ClipStore, job: ReadingJob, cut: ClipCut, writer: ClipWriter, state: str, fps: float | None) -> None:
    # The note comes last: a clip without one counts for nothing.
    note_path(store, cut.clip_id).unlink(missing_ok=True)
    try:
        digest = writer.keep()
        note = ClipNote(
            source=job.source,
            source_state=state,
            first_frame=cut.first_frame,
            last_frame=cut.last_frame,
            recipe=job.recipe,
            num_frames=writer.num_frames,
            fps=fps,
            digest=digest,
        )
        write_text(note_path(store, cut.clip_id), json.dumps(asdict(note)))
    except OSError:
        forget(store, cut.clip_id)
        raise


def forget(store: ClipStore, clip_id: str) -> None:
    """Remove a clip and its note."""
    note_path(store, clip_id).unlink(missing_ok=True)
    store.remove(clip_id)


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
    return find_face_square(open_video(file, job.decoder).frames, job.faces) if job.faces else job.crop
