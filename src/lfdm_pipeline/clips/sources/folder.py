"""One's own videos in a folder."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lfdm_pipeline.clips.sources.base import Recording
from lfdm_pipeline.clips.sources.naming import VIDEO_SUFFIXES, clip_ids
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.options import Options


class FolderOptions(Options):
    """How a folder of videos says what they are."""

    table: str = "clips.csv"
    """CSV file in the folder with the columns clip, label, subject, split; without one the layout
    `label/subject/clip.mp4` tells label and subject."""
    test_subjects: tuple[str, ...] = ()
    """Subjects kept for tests where there is no table."""


class FolderSource:
    """Reads `label/subject/clip.mp4`, or whatever a table names."""

    def __init__(self, options: FolderOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the folder holds videos."""
        if not root.is_dir():
            raise InputError(
                f"no folder {root}: put your videos there as label/subject/clip.mp4, or with a table "
                f"{self._options.table} (columns clip,label,subject,split), or set another root"
            )
        if not (root / self._options.table).is_file() and next(_videos(root), None) is None:
            raise InputError(f"no videos in {root}: put them there as label/subject/clip.mp4")

    def recordings(self, root: Path) -> list[Recording]:
        """List the videos that the table names, or all that lie in the layout."""
        table = root / self._options.table
        recordings = self._from_table(root, table) if table.is_file() else self._from_layout(root)
        return sorted(recordings, key=lambda recording: recording.clip_id)

    def _from_layout(self, root: Path) -> list[Recording]:
        sources = list(_videos(root))
        misplaced = [source for source in sources if len(PurePosixPath(source).parts) != 3]
        if misplaced:
            raise InputError(
                f"{root / misplaced[0]} does not lie as label/subject/clip: move it, or name all videos in "
                f"{root / self._options.table}"
            )
        subjects = {PurePosixPath(source).parts[1] for source in sources}
        absent = sorted(set(self._options.test_subjects) - subjects)
        if absent:
            raise InputError(f"test subject {absent[0]!r} has no videos in {root}")
        return [
            Recording(source, clip_id, label, subject, self._split(subject))
            for source, clip_id in zip(sources, clip_ids(sources), strict=True)
            for label, subject, _ in [PurePosixPath(source).parts]
        ]

    def _split(self, subject: str) -> str:
        return "test" if subject in self._options.test_subjects else "train"

    def _from_table(self, root: Path, table: Path) -> list[Recording]:
        rows = _read_rows(table)
        sources = [_source_of(row, root, f"{table}, line {line}") for line, row in rows]
        for source, (line, _) in zip(sources, rows, strict=True):
            if sources.count(source) > 1:
                raise InputError(f"{table}, line {line}: {source} is named more than once")
        return [
            Recording(source, clip_id, row["label"].strip() or None, row["subject"].strip(), row["split"].strip())
            for (_, row), source, clip_id in zip(rows, sources, clip_ids(sources), strict=True)
        ]


_COLUMNS = ("clip", "label", "subject", "split")


def _read_rows(table: Path) -> list[tuple[int, dict[str, str]]]:
    # Spreadsheets like to begin the file with a byte order mark.
    reader = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig")))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{table} lacks the column {missing[0]!r}; it needs {','.join(_COLUMNS)}")
    return [(line, {c: row[c] or "" for c in _COLUMNS}) for line, row in enumerate(reader, start=2)]


def _source_of(row: dict[str, str], root: Path, where: str) -> str:
    source = PurePosixPath(row["clip"].strip())
    if row["split"].strip() not in ("train", "test"):
        raise InputError(f"{where}: split is {row['split']!r}, not train or test")
    if not row["subject"].strip():
        raise InputError(f"{where}: the subject is empty")
    if source.is_absolute() or ".." in source.parts or not (root / source).exists():
        raise InputError(f"{where}: no file {row['clip']!r} in {root}")
    return source.as_posix()


def _videos(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        hidden = any(part.startswith(".") for part in relative.parts)
        if path.suffix.lower() in VIDEO_SUFFIXES and not hidden and path.is_file():
            yield relative.as_posix()
