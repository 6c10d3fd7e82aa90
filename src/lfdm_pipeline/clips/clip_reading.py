"""One raw file to the clips in it, kept in a store: what ingestion does in its child processes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from lfdm_pipeline.clips.clip_notes import ClipNote, forget, write_note
from lfdm_pipeline.clips.clip_writing import ClipWriter
from lfdm_pipeline.clips.decoding import Decoder, open_video
from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.raw_state import state_of
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.video_stream import VideoStream
from lfdm_pipeline.errors import InputError, UnavailableError
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
class ReadClips:
    """What came of a raw file."""

    failures: dict[str, str]
    """Why, by clip id, for each clip that could not be kept."""
    halt: str | None = None
    """Why no clip at all can be kept from now on."""


def read_clips(job: ReadingJob) -> ReadClips:
    """Decode a file once and keep its clips, or note why it gives none.

    Raises:
        InputError: The file cannot be read at present.
    """
    cv2.setNumThreads(1)
    store = ClipStore(job.store)
    writers = {cut: ClipWriter(store.path(cut.clip_id)) for cut in job.cuts}
    try:
        return _read(job, store, writers)
    except UnavailableError as error:
        return ReadClips({}, str(error))
    except OSError as error:
        # Whatever is wrong with the file read is an InputError: this is about those that are written.
        return ReadClips({}, f"cannot write clips of {job.source} into {job.store}: {error.strerror or error}")
    finally:
        for writer in writers.values():
            writer.discard()


def _read(job: ReadingJob, store: ClipStore, writers: Mapping[ClipCut, ClipWriter]) -> ReadClips:
    state = _state_of(job.path)
    fps, failures = _decode(job, writers)
    for cut, writer in writers.items():
        _keep(store, cut.clip_id, writer, _note(job, cut, state, fps, failures.get(cut)))
    return ReadClips({cut.clip_id: reason for cut, reason in failures.items()})


def _decode(job: ReadingJob, writers: Mapping[ClipCut, ClipWriter]) -> tuple[float | None, dict[ClipCut, str]]:
    """Append a file's frames to the clips that hold them; frames a second, and why there is no clip, by clip."""
    try:
        with reading(job.path) as file:
            stream = open_video(file, job.decoder, Framing(job.size, _crop(file, job)))
            return stream.fps, _beyond(job, _append(stream, writers))
    except InputError as error:
        if not _will_last(error):
            raise
        return None, dict.fromkeys(job.cuts, str(error))


def _beyond(job: ReadingJob, count: int) -> dict[ClipCut, str]:
    """What is wrong about clips that a file of so many frames does not hold."""
    return {
        cut: f"frames {cut.first_frame} to {cut.last_frame} are not within the {count} of {job.source}"
        for cut in job.cuts
        if not cut.fits(count)
    }


def _will_last(error: InputError) -> bool:
    """Whether the same file will fail again: what the system refuses today it may allow tomorrow."""
    return not isinstance(error, UnavailableError) and not isinstance(error.__cause__, (OSError, MemoryError))


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


def _note(job: ReadingJob, cut: ClipCut, state: str, fps: float | None, failure: str | None) -> ClipNote:
    return ClipNote(
        source=job.source,
        source_state=state,
        first_frame=cut.first_frame,
        last_frame=cut.last_frame,
        recipe=job.recipe,
        decoder=job.decoder,
        fps=fps,
        failure=failure,
    )


def _keep(store: ClipStore, clip_id: str, writer: ClipWriter, note: ClipNote) -> None:
    # The note comes last: a clip without one counts for nothing.
    forget(store, clip_id)
    try:
        if note.failure is None:
            note = replace(note, num_frames=writer.num_frames, digest=writer.keep())
        write_note(store, clip_id, note)
    except OSError:
        forget(store, clip_id)
        raise


def _crop(file: Path, job: ReadingJob) -> CropBox | None:
    # The face has to be known before the first frame can be cropped, and a clip in full size may not fit memory:
    # hence this is the one case of decoding twice.
    return find_face_square(open_video(file, job.decoder).frames, job.faces) if job.faces else job.crop
