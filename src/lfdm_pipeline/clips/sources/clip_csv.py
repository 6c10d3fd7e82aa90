"""A table of clips that a person wrote."""

import csv
import io
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

    It is taken as spreadsheets and people write it: with commas or semicolons, capitals, blanks, and empty lines.

    Raises:
        InputError: The line that is wrong, and what is wrong about it.
    """
    lines = _lines(table)
    rows = [_row(values, root, f"{table}, line {line}") for line, values in lines]
    first: dict[str, int] = {}
    for (line, _), row in zip(lines, rows, strict=True):
        before = first.setdefault(row.source, line)
        if before != line:
            raise InputError(
                f"{table}, line {line}: {row.source} is named in line {before} already: remove one of them"
            )
    return rows


def _lines(table: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        # Spreadsheets like to begin the file with a byte order mark.
        text = table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{table} is not UTF-8: save it as CSV UTF-8") from error
    # Where a comma is the decimal sign, spreadsheets put semicolons between columns.
    delimiter = max(",;", key=text.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [column for column in _COLUMNS if column not in reader.fieldnames]
    if missing:
        raise InputError(
            f"{table} lacks the column {missing[0]!r}; it needs {','.join(_COLUMNS)}, with commas or semicolons between"
        )
    rows = [(reader.line_num, {column: (row[column] or "").strip() for column in _COLUMNS}) for row in reader]
    filled = [(line, values) for line, values in rows if any(values.values())]
    if not filled:
        raise InputError(f"{table} has no rows: name a clip in each, or remove the table, and the folders tell")
    return filled


def _row(values: dict[str, str], root: Path, where: str) -> ClipRow:
    source, split = PurePosixPath(values["clip"]), values["split"].lower()
    if split not in _SPLITS:
        raise InputError(f"{where}: split is {values['split']!r}, not {', '.join(_SPLITS)}")
    if not values["subject"]:
        raise InputError(f"{where}: the subject is empty")
    if not source.parts or source.is_absolute() or ".." in source.parts or not (root / source).exists():
        raise InputError(f"{where}: no file {values['clip']!r} in {root}")
    return ClipRow(source.as_posix(), values["label"] or None, values["subject"], split)
