"""The raw corpus on disk: videos, exact flows, a table and a manifest."""

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.synthetic.appearance import draw_appearance, draw_backdrop
from lfdm_pipeline.clips.synthetic.families import FAMILIES
from lfdm_pipeline.clips.synthetic.ground_truth import write_ground_truth
from lfdm_pipeline.clips.synthetic.head import build_head
from lfdm_pipeline.clips.synthetic.motion import MOTIONS, draw_motion
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions
from lfdm_pipeline.clips.synthetic.rendering import Scene, render_frames, render_ground_truth
from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.clips.workers import Failed, available_cores, call_in_workers
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import is_remote, remove_folder

TABLE = "recordings.csv"
_MANIFEST = "manifest.json"
_OWN = {TABLE, _MANIFEST, "videos", "ground_truth"}

# To be raised whenever the same options give other pixels, so that corpora made before are made again.
_RENDERER_VERSION = 8

# A fixed time of change, so that listings of the corpus are the same wherever it was rendered.
_MODIFIED = 1_600_000_000

# Where the head joins the neck: below the middle of the picture, a little behind it.
_JOINT = (0.0, 0.46, -0.10)

# At the usual rate factor compression changes as much of a small picture as a smile does.
_CRF = 6

# Pixels along a texture for one along the picture: about one to each sample.
_TEXTURE_PIXELS = 5


@dataclass(frozen=True)
class SyntheticClip:
    """One row of the corpus' table; files are relative to the corpus."""

    clip: str
    label: str
    """Empty where the corpus is unlabelled."""
    subject: str
    split: str
    ground_truth: str


def render_corpus(root: Path, options: SyntheticOptions) -> None:
    """Render the corpus into `root` unless it is there, made with the same options.

    Raises:
        InputError: `root` holds files that are not the corpus'.
        OSError: its files cannot be written; says which.
    """
    manifest = {"renderer_version": _RENDERER_VERSION, "options": options.model_dump(mode="json")}
    if _is_complete(root, manifest):
        return
    _clear(root)
    tasks = [(root, options, number) for number in range(options.train_subjects + options.test_subjects)]
    rendered = call_in_workers(_try_subject, tasks, workers=available_cores())
    for _, outcome in tqdm(rendered, total=len(tasks), desc="rendering the synthetic corpus", unit="person"):
        if isinstance(outcome, Failed):
            raise RuntimeError(f"rendering failed: {outcome.reason}")
        if outcome.value is not None:
            raise outcome.value
    _write_table(root / TABLE, [take.clip for _, _, number in tasks for take in _takes_of(options, number)])
    write_text(root / _MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    for path in (root / TABLE, root / _MANIFEST):
        _date(path)


def read_table(root: Path) -> list[SyntheticClip]:
    """Read the table of a rendered corpus.

    Raises:
        InputError: There is none.
    """
    try:
        text = (root / TABLE).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"no synthetic corpus in {root}: render it first") from None
    return [SyntheticClip(**row) for row in csv.DictReader(io.StringIO(text))]


def _write_table(path: Path, clips: list[SyntheticClip]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(SyntheticClip.__dataclass_fields__), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(clip) for clip in clips)
    write_text(path, text.getvalue())


def _is_complete(root: Path, manifest: dict[str, object]) -> bool:
    try:
        kept = json.loads((root / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return kept == manifest and all((root / clip.clip).is_file() for clip in read_table(root))


def _clear(root: Path) -> None:
    """Remove an earlier corpus, but nothing that is not one."""
    foreign = sorted(p.name for p in root.glob("*") if p.name not in _OWN and not p.name.startswith("."))
    if foreign:
        raise InputError(
            f"{root} holds {foreign[0]!r}, which is no part of the synthetic corpus: "
            "choose another folder for the corpus or move it away"
        )
    # The manifest goes first: without it whatever is left counts for nothing.
    for name in (_MANIFEST, TABLE):
        (root / name).unlink(missing_ok=True)
    for name in ("videos", "ground_truth"):
        remove_folder(root / name)


@dataclass(frozen=True)
class _Take:
    """A clip of the table, and what is to be rendered for it."""

    clip: SyntheticClip
    motion: str
    number: int
    """Which of its person's clips of this motion."""


def _takes_of(options: SyntheticOptions, number: int) -> Iterator[_Take]:
    subject = f"{FAMILIES[options.family].member}{number:03d}"
    split = "train" if number < options.train_subjects else "test"
    with_truth = options.ground_truth == "all" or options.ground_truth == split
    for name, label, motion, take in _listed(options, number):
        truth = f"ground_truth/{subject}_{name}.npz" if with_truth else ""
        yield _Take(SyntheticClip(f"videos/{subject}_{name}.mp4", label, subject, split, truth), motion, take)


def _listed(options: SyntheticOptions, number: int) -> Iterator[tuple[str, str, str, int]]:
    """Name, label, motion and number of each clip of a person."""
    if options.labelled:
        for label in options.labels:
            for take in range(options.takes):
                yield f"{label}_{take}", label, label, take
    else:
        order = np.random.default_rng((options.seed, number, len(MOTIONS))).permutation(options.labels)
        for take in range(options.takes):
            yield f"{take}", "", str(order[take % len(order)]), take // len(order)


def _try_subject(task: tuple[Path, SyntheticOptions, int]) -> OSError | None:
    """Render a person; returns what kept its files from being written, which only the parent can report as such."""
    try:
        _render_subject(task)
    except OSError as error:
        # Not the error itself: those of libraries cannot be pickled.
        return OSError(error.errno, error.strerror, str(error.filename or task[0]))
    return None


def _render_subject(task: tuple[Path, SyntheticOptions, int]) -> None:
    root, options, number = task
    cv2.setNumThreads(1)
    family = FAMILIES[options.family]
    look = draw_appearance(family, np.random.default_rng((options.seed, number)))
    head = build_head(look, _TEXTURE_PIXELS * options.size)
    names = list(MOTIONS)
    for take in _takes_of(options, number):
        # A clip's randomness does not depend on which other labels or takes there are.
        rng = np.random.default_rng((options.seed, number, names.index(take.motion), take.number))
        num_frames = int(rng.integers(options.min_frames, options.max_frames, endpoint=True))
        scene = Scene(head, draw_backdrop(family, rng))
        moments = draw_motion(take.motion, num_frames, options.fps, _JOINT, rng)
        video = root / take.clip.clip
        write_video(video, render_frames(scene, moments, options.size), options.fps, crf=_CRF)
        _date(video)
        if take.clip.ground_truth:
            write_ground_truth(root / take.clip.ground_truth, render_ground_truth(scene, moments, options.size))
            _date(root / take.clip.ground_truth)


def _date(path: Path) -> None:
    # Object stores date what they are given; listings of them go by content.
    if not is_remote(path):
        os.utime(path, (_MODIFIED, _MODIFIED))
