"""A raw corpus to clips, a table of them, and a report of what was kept and left out."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field, model_validator
from tqdm import tqdm

from lfdm_pipeline.clips.clip_notes import ClipNote, failed_clips, forget, read_note
from lfdm_pipeline.clips.clip_reading import ClipCut, ReadingJob, read_clips
from lfdm_pipeline.clips.contact_sheet import contact_sheet
from lfdm_pipeline.clips.decoding import Decoder
from lfdm_pipeline.clips.faces import FaceFraming
from lfdm_pipeline.clips.findings import findings, nobody_to_test
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.raw_state import state_of
from lfdm_pipeline.clips.sources.base import LeftOut, Recording
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import validate_clip_table
from lfdm_pipeline.clips.workers import Failed, available_cores, call_in_workers
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options
from lfdm_pipeline.shard import Shard

# To be raised whenever the same file and options give other pixels, so that kept clips are made again.
_RECIPE_VERSION = 3
_REASONS = 3


class IngestionOptions(Options):
    """How frames are kept, and what ingestion puts up with."""

    size: int = Field(default=64, ge=8)
    """Width and height of the frames kept."""
    crop: CropBox | None = None
    """Part of the recorded frames that is kept; null: all."""
    faces: FaceFraming | None = None
    """Keep a square around each clip's face instead; a clip without a face is left out and reported."""
    labels: tuple[str, ...] | None = None
    """Labels that clips may have; one with another is left out, reported, and counts for `max_left_out`. Null: any."""
    decoder: Decoder = "pyav"
    """What decodes video files: pyav reports damage; decord, where there is a wheel, mends it and is slower."""
    timeout_seconds: float = Field(default=300.0, gt=0)
    """A file whose decoding takes longer is left out and reported."""
    max_left_out: float = Field(default=0.1, ge=0, lt=1)
    """Largest share of the clips that may be left out; more is an error."""
    shard: Shard | None = None
    """Part `i/n` of the files, kept apart until a run without `shard` puts the parts together; null: all."""

    @model_validator(mode="after")
    def _crop_is_one(self) -> Self:
        if self.crop is not None and self.faces is not None:
            raise ValueError("crop and faces both say what is kept of a frame: set one of them to null")
        return self


@dataclass(frozen=True)
class IngestionReport:
    """What was read, what of it was kept, and what is odd about it."""

    listed: int
    """Clips that the source lists."""
    kept: int
    decoded: int
    """Clips made in this run; the others were there, unchanged."""
    left_out: tuple[LeftOut, ...]
    findings: tuple[str, ...]
    """What a person should look at."""
    clips_by_split: dict[str, int]
    clips_by_label: dict[str, dict[str, int]]
    """Number of clips by label and split."""
    subjects_by_split: dict[str, int]
    frames: int
    seconds: float
    """Duration of all clips."""
    shortest: int
    """Frames of the shortest clip."""
    longest: int
    contact_sheet: npt.NDArray[np.uint8]
    """Frames of many clips in one picture, uint8 (H, W, 3)."""

    def as_dict(self) -> dict[str, Any]:
        """Everything but the picture, for JSON."""
        fields = {name: value for name, value in vars(self).items() if name != "contact_sheet"}
        return {
            **fields,
            "left_out": [asdict(each) for each in self.left_out],
            "findings": list(self.findings),
        }


@dataclass(frozen=True)
class Ingested:
    """What ingestion returns; the clips are in the store."""

    clip_table: pd.DataFrame
    report: IngestionReport


def ingest(
    root: Path,
    recordings: Sequence[Recording],
    store: ClipStore,
    options: IngestionOptions,
    workers: int | None = None,
    passed_over: Sequence[LeftOut] = (),
) -> Ingested:
    """Bring a store up to date with a raw corpus and describe what it then holds.

    Files are decoded once each in child processes; one that is unchanged, as the options are, is not read again,
    be it damaged or not, and a clip that is no longer listed is removed. Clips are kept as they come: a run that is
    ended early loses only those in flight.

    Args:
        root: The raw corpus.
        recordings: Its clips.
        store: Where frames are kept.
        options: How.
        workers: Number of child processes; None: one a core.
        passed_over: Clips that its source leaves out, for the report.

    Raises:
        InputError: There is nothing to keep, or too much was left out.
    """
    known, strangers = _by_label(recordings, options)
    recipe = _recipe(options)
    removed = _tidy(store, known)
    stale = [
        each for each in known if not _is_current(read_note(store, each.clip_id), each, root, recipe, options.decoder)
    ]
    for each in stale:
        forget(store, each.clip_id)
    failed = _read(root, stale, store, options, recipe, workers or available_cores())
    notes = {each.clip_id: _note(store, each.clip_id) for each in known if each.clip_id not in failed}
    failures = failed | {clip_id: note.failure for clip_id, note in notes.items() if note.failure}
    kept = [each for each in known if each.clip_id not in failures]
    left_out = strangers + [
        LeftOut(each.source, each.clip_id, failures[each.clip_id]) for each in known if each.clip_id in failures
    ]
    if not recordings and passed_over:
        raise InputError(f"no clip in {root} is used; the first, {passed_over[0].source}: {passed_over[0].reason}")
    _refuse_if_too_little(root, len(recordings), left_out, options)
    table = _table(kept, notes, options.size)
    left_out = [*passed_over, *left_out]
    vanished = sorted(removed - {each.clip_id for each in left_out})
    digests = {clip_id: note.digest for clip_id, note in notes.items()}
    odd = [] if options.shard else list(nobody_to_test(table))
    odd += findings(table, digests, left_out, vanished)
    report = _report(len(recordings) + len(passed_over), table, left_out, tuple(odd), len(stale) - len(failed), store)
    return Ingested(table, report)


def _by_label(recordings: Iterable[Recording], options: IngestionOptions) -> tuple[list[Recording], list[LeftOut]]:
    known, strangers = [], []
    for each in recordings:
        if options.labels is None or each.label is None or each.label in options.labels:
            known.append(each)
        else:
            reason = f"unknown label {each.label!r}; the configured labels are {', '.join(options.labels)}"
            strangers.append(LeftOut(each.source, each.clip_id, reason))
    return known, strangers


def _recipe(options: IngestionOptions) -> str:
    shaping = options.model_dump_json(include={"size", "crop", "faces"})
    return hashlib.blake2b(f"{_RECIPE_VERSION} {shaping}".encode(), digest_size=8).hexdigest()


def _tidy(store: ClipStore, recordings: Iterable[Recording]) -> set[str]:
    """Remove clips that are no longer listed, and what an ended run left half-written; returns the clips' ids."""
    listed = {each.clip_id for each in recordings}
    kept = set(store)
    for clip_id in {*kept, *failed_clips(store)} - listed:
        forget(store, clip_id)
    _remove_half_written(store)
    return kept - listed


def _remove_half_written(store: ClipStore) -> None:
    for pattern in (".*.npy", ".*.json"):
        for path in store.root.rglob(pattern):
            path.unlink(missing_ok=True)


def _is_current(note: ClipNote | None, recording: Recording, root: Path, recipe: str, decoder: Decoder) -> bool:
    # What one decoder calls damaged another may mend.
    if note is None or (note.failure and note.decoder != decoder):
        return False
    if (note.source, note.first_frame, note.last_frame) != (
        recording.source,
        recording.first_frame,
        recording.last_frame,
    ):
        return False
    try:
        return note.recipe == recipe and note.source_state == state_of(root / recording.source)
    except OSError:
        return False


def _read(
    root: Path,
    recordings: Sequence[Recording],
    store: ClipStore,
    options: IngestionOptions,
    recipe: str,
    workers: int,
) -> dict[str, str]:
    """Decode files into the store; returns why, by clip id, for each clip that could not be kept."""
    by_source: defaultdict[str, list[Recording]] = defaultdict(list)
    for each in recordings:
        by_source[each.source].append(each)
    jobs = [
        ReadingJob(
            path=root / source,
            source=source,
            store=store.root,
            cuts=tuple(ClipCut(each.clip_id, each.first_frame, each.last_frame) for each in group),
            size=options.size,
            crop=options.crop,
            faces=options.faces,
            decoder=options.decoder,
            recipe=recipe,
        )
        for source, group in by_source.items()
    ]
    failures: dict[str, str] = {}
    calls = call_in_workers(read_clips, jobs, workers=workers, timeout=options.timeout_seconds)
    try:
        # Closed at once, whatever happens: the processes are to be gone before what they left is removed.
        with closing(calls) as outcomes:
            for job, outcome in tqdm(outcomes, total=len(jobs), desc="ingestion", unit="file", disable=not jobs):
                if isinstance(outcome, Failed):
                    failures.update({cut.clip_id: outcome.reason for cut in job.cuts})
                    for cut in job.cuts:
                        forget(store, cut.clip_id)
                elif outcome.value.halt is not None:
                    raise InputError(f"{outcome.value.halt}; the clips before it are kept: mend this and run again")
                else:
                    failures.update(outcome.value.failures)
    finally:
        _remove_half_written(store)
    return failures


def _refuse_if_too_little(root: Path, listed: int, left_out: Sequence[LeftOut], options: IngestionOptions) -> None:
    if listed == 0:
        raise InputError(f"no clips in {root}")
    if len(left_out) > options.max_left_out * listed:
        raise InputError(
            f"{len(left_out)} of {listed} clips in {root} had to be left out, more than ingestion.max_left_out "
            f"{options.max_left_out:g} allows; {'; '.join(_main_reasons(left_out))}"
        )


def _main_reasons(left_out: Iterable[LeftOut]) -> Iterator[str]:
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for each in left_out:
        by_reason[each.reason].append(each.source)
    most_first = sorted(by_reason.items(), key=lambda item: len(item[1]), reverse=True)
    for reason, sources in most_first[:_REASONS]:
        yield f"{len(sources)} ({sources[0]}{', …' if len(sources) > 1 else ''}): {reason}"
    if rest := sum(len(sources) for _, sources in most_first[_REASONS:]):
        yield f"{rest} for other reasons"


def _note(store: ClipStore, clip_id: str) -> ClipNote:
    note = read_note(store, clip_id)
    if note is None:
        raise InputError(f"clip {clip_id!r} vanished from {store.root} while it was read: run ingestion again")
    return note


def _table(kept: Sequence[Recording], notes: dict[str, ClipNote], size: int) -> pd.DataFrame:
    rows = [
        {
            "clip_id": each.clip_id,
            "source": each.source,
            "label": each.label,
            "subject": each.subject,
            "split": each.split,
            "num_frames": notes[each.clip_id].num_frames,
            "height": size,
            "width": size,
            "fps": _fps(each, notes[each.clip_id]),
            "ground_truth": each.ground_truth,
            "digest": notes[each.clip_id].digest,
        }
        for each in sorted(kept, key=lambda recording: recording.clip_id)
    ]
    return validate_clip_table(pd.DataFrame(rows))


def _fps(recording: Recording, note: ClipNote) -> float:
    fps = note.fps or recording.fps
    if fps is None:
        raise InputError(f"{recording.source} is a folder of pictures, and its source says no frame rate")
    return fps


def _report(
    listed: int,
    table: pd.DataFrame,
    left_out: Sequence[LeftOut],
    odd: tuple[str, ...],
    decoded: int,
    store: ClipStore,
) -> IngestionReport:
    labels = table["label"].fillna("(none)")
    by_label: dict[str, dict[str, int]] = {}
    for (label, split), count in Counter(zip(labels, table["split"], strict=True)).items():
        by_label.setdefault(label, {})[split] = count
    return IngestionReport(
        listed=listed,
        kept=len(table),
        decoded=decoded,
        left_out=tuple(left_out),
        findings=odd,
        clips_by_split=dict(sorted(Counter(table["split"]).items())),
        clips_by_label=dict(sorted(by_label.items())),
        subjects_by_split={str(s): int(n) for s, n in table.groupby("split")["subject"].nunique().items()},
        frames=int(table["num_frames"].sum()),
        seconds=round(float((table["num_frames"] / table["fps"]).sum()), 3),
        shortest=int(table["num_frames"].min()),
        longest=int(table["num_frames"].max()),
        contact_sheet=contact_sheet(store, list(table["clip_id"])),
    )
