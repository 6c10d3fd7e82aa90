"""A table of clips that a person wrote."""

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lfdm_pipeline.errors import InputError

_COLUMNS = ("clip", "label", "subject", "split")
_SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class ClipRow:
    """A line of the table."""

    source: str
    """Video or folder of frames relative to the corpus."""
    label: str | None
    subject: str
    split: str


def read_clip_csv(root: Path, table: Path) -> list[ClipRow]:
    """Read a CSV file with the columns clip, label, subject, split; an empty label means none.

    Raises:
        InputError: The line that is wrong, and what is wrong about it.
    """
    lines = _lines(table)
    rows = [_row(values, root, f"{table}, line {line}") for line, values in lines]
    count = Counter(row.source for row in rows)
    for (line, _), row in zip(lines, rows, strict=True):
        if count[row.source] > 1:
            raise InputError(f"{table}, line {line}: {row.source} is named more than once")
    return rows


def _lines(table: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        # Spreadsheets like to begin the file with a byte order mark.
        text = table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{table} is not UTF-8: save it as CSV UTF-8") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{table} lacks the column {missing[0]!r}; it needs {','.join(_COLUMNS)}, with commas between")
    return [(reader.line_num, {column: (row[column] or "").strip() for column in _COLUMNS}) for row in reader]


def _row(values: dict[str, str], root: Path, where: str) -> ClipRow:
    source = PurePosixPath(values["clip"])
    if values["split"] not in _SPLITS:
        raise InputError(f"{where}: split is {values['split']!r}, not {', '.join(_SPLITS)}")
    if not values["subject"]:
        raise InputError(f"{where}: the subject is empty")
    if not source.parts or source.is_absolute() or ".." in source.parts or not (root / source).exists():
        raise InputError(f"{where}: no file {values['clip']!r} in {root}")
    return ClipRow(source.as_posix(), values["label"] or None, values["subject"], values["split"])
