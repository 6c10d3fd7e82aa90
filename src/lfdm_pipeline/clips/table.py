"""The table of clips: one row a clip."""

from pathlib import PurePosixPath

import pandas as pd
import pandera.pandas as pa
from pandera.typing import Series

from lfdm_pipeline.errors import InputError


class ClipTable(pa.DataFrameModel):
    """Schema of the clip table."""

    clip_id: Series[str] = pa.Field(unique=True, description="Name of the clip in every store")
    source: Series[str] = pa.Field(description="File or folder it was read from, relative to the corpus")
    label: Series[str] = pa.Field(nullable=True, description="What happens; null where unlabelled")
    subject: Series[str] = pa.Field(description="Who is seen")
    split: Series[str] = pa.Field(isin=["train", "val", "test"])
    num_frames: Series[int] = pa.Field(ge=1)
    height: Series[int] = pa.Field(ge=1, description="Height of the frames as kept")
    width: Series[int] = pa.Field(ge=1, description="Width of the frames as kept")
    fps: Series[float] = pa.Field(gt=0, description="Frames a second")
    ground_truth: Series[str] = pa.Field(
        nullable=True, description="File of the exact flow relative to the corpus; null where unknown"
    )
    digest: Series[str] = pa.Field(description="Hash of the frames: what is kept of a clip belongs to these")

    class Config:
        """No other columns; integer and float widths are made equal."""

        strict = True
        coerce = True

    @pa.check("clip_id", name="safe_file_stem")
    @classmethod
    def _names_a_file_inside_the_store(cls, clip_id: Series[str]) -> "pd.Series[bool]":
        return clip_id.map(is_safe_clip_id).astype(bool)


def is_safe_clip_id(clip_id: str) -> bool:
    """Whether a clip id names a file inside a store's folder on every platform."""
    parts = clip_id.split("/")
    return (
        all(part and not part.startswith(".") and part == part.strip() for part in parts)
        and not PurePosixPath(clip_id).is_absolute()
        and not any(character in '\\:*?"<>|' or not character.isprintable() for character in clip_id)
    )


def validate_clip_table(table: pd.DataFrame) -> pd.DataFrame:
    """Check a clip table against `ClipTable` and return it with the schema's types and column order.

    Raises:
        InputError: A column is missing, or a value breaks the schema; the first failures are named.
    """
    try:
        validated = ClipTable.validate(table, lazy=True)
    except pa.errors.SchemaErrors as error:
        failures = error.failure_cases[["column", "check", "failure_case"]].astype(str).drop_duplicates()
        named = "; ".join(
            f"{row.column}: {row.failure_case} fails {row.check}" for row in failures.head(5).itertuples()
        )
        raise InputError(f"the clip table is not valid ({len(failures)} failures): {named}") from error
    return pd.DataFrame(validated[list(ClipTable.to_schema().columns)])


def select_labelled(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the training clips that have a label, in the order of clip ids.

    Raises:
        InputError: there are none.
    """
    rows = select(table, "train", labelled=True)
    if rows.empty:
        raise InputError("no training clip has a label: label the corpus, or run only the stages that need none")
    return rows


def select(table: pd.DataFrame, split: str, labelled: bool = False) -> pd.DataFrame:
    """Rows of one split in the order of clip ids, only those with a label where `labelled`."""
    rows = table[table["split"] == split]
    if labelled:
        rows = rows[rows["label"].notna()]
    return rows.sort_values("clip_id", ignore_index=True)


def labels_of(table: pd.DataFrame) -> tuple[str, ...]:
    """The labels of a clip table in alphabetical order.

    Raises:
        InputError: no training clip has a label.
    """
    select_labelled(table)
    return tuple(sorted(table["label"].dropna().unique()))
