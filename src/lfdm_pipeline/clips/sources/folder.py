"""One's own videos in a folder."""

from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from lfdm_pipeline.clips.file_kinds import IMAGE_SUFFIXES, VIDEO_SUFFIXES
from lfdm_pipeline.clips.sources.base import Survey
from lfdm_pipeline.clips.sources.clip_csv import read_clip_csv
from lfdm_pipeline.clips.sources.files import suffix, walk
from lfdm_pipeline.clips.sources.listing import Listing
from lfdm_pipeline.clips.sources.naming import clip_ids
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options

_NO_CLIPS = "files that are no clips and are not used"


class FolderOptions(Options):
    """How a folder of clips says what they are; a clip is a video or a folder of frames."""

    table: str = "clips.csv"
    """CSV file in the folder with the columns clip, label, subject, split; without one the layout tells."""
    layout: Literal["label/subject/clip", "subject/clip", "clip"] = "label/subject/clip"
    """What the folders' names say where there is no table; in the last, each clip is a subject of its own."""
    test_subjects: tuple[str, ...] = ()
    """Subjects kept for tests where there is no table."""
    fps: float = Field(default=25.0, gt=0)
    """Frames a second of clips that are folders of frames."""


class FolderSource:
    """Reads clips as they lie, or whatever a table names."""

    def __init__(self, options: FolderOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the folder holds clips."""
        options = self._options
        if not root.is_dir():
            raise InputError(
                f"no folder {root}: put your videos there as {options.layout}.mp4, or with a table "
                f"{options.table} (columns clip,label,subject,split), or give their folder by --params raw_root=…"
            )
        if not (root / options.table).is_file() and not _clips(root, depth=None)[0]:
            raise InputError(f"no videos in {root}: put them there as {options.layout}.mp4")

    def survey(self, root: Path) -> Survey:
        """List the clips that the table names, or all that lie in the layout."""
        listing, table = Listing(), root / self._options.table
        if table.is_file():
            self._from_table(root, table, listing)
        else:
            self._from_layout(root, listing)
        return listing.survey()

    def _from_layout(self, root: Path, listing: Listing) -> None:
        options = self._options
        depth = len(PurePosixPath(options.layout).parts)
        sources, others = _clips(root, depth)
        misplaced = [source for source in sources if len(PurePosixPath(source).parts) != depth]
        if misplaced:
            raise InputError(
                f"{root / misplaced[0]} does not lie as {options.layout}: move it, set source.folder.layout, or name "
                f"all clips in {root / options.table}"
            )
        for source, clip_id in zip(sources, clip_ids(sources), strict=True):
            *above, _ = PurePosixPath(source).parts
            label = above[0] if depth == 3 else None
            subject = above[-1] if above else clip_id
            split = "test" if subject in options.test_subjects else "train"
            listing.add(source, clip_id, label, subject, split, fps=options.fps)
        absent = sorted(set(options.test_subjects) - listing.subjects)
        if absent:
            raise InputError(f"test subject {absent[0]!r} has no videos in {root}")
        listing.count(_NO_CLIPS, others)

    def _from_table(self, root: Path, table: Path, listing: Listing) -> None:
        rows = read_clip_csv(root, table)
        sources = [row.source for row in rows]
        for row, clip_id in zip(rows, clip_ids(sources), strict=True):
            listing.add(row.source, clip_id, row.label, row.subject, row.split, fps=self._options.fps)
        clips, others = _clips(root, depth=None)
        named = {*sources, self._options.table}
        listing.count(f"clips that {table.name} does not name", sorted(set(clips) - named))
        listing.count(_NO_CLIPS, sorted(set(others) - named))


def _clips(root: Path, depth: int | None) -> tuple[list[str], list[str]]:
    """Clips below a root, and all other files.

    Clips are videos, wherever they lie, and folders of frames: those `depth` folders down, or all of them for None.
    """
    sources, others = [], []
    for folder in walk(root):
        files = list(folder.sources())
        frames = {source for source in files if suffix(source) in IMAGE_SUFFIXES}
        if frames and depth in (None, len(folder.path.parts)):
            sources.append(folder.path.as_posix())
            others += [source for source in files if source not in frames]
        else:
            sources += [source for source in files if suffix(source) in VIDEO_SUFFIXES]
            others += [source for source in files if suffix(source) not in VIDEO_SUFFIXES]
    return sorted(sources), others
