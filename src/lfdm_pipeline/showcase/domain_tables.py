"""Scores of decoders on domains, laid out to be compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from lfdm_pipeline.showcase.score_catalogue import Better

DOMAIN_COLUMNS: dict[str, tuple[str, Better]] = {
    "l1": ("L1 on [0, 1]", "lower"),
    "psnr": ("PSNR, dB", "higher"),
    "ssim": ("SSIM", "higher"),
    "sharpness": ("sharpness, real = 1", "near one"),
    "warp_l1": ("L1 of the warp alone", "lower"),
    "warp_sharpness": ("sharpness of the warp", "near one"),
    "label_accuracy": ("label accuracy", "higher"),
    "changed_values": ("values changed", "neither"),
}
"""Scores of a decoder: title, and which way is better."""


@dataclass(frozen=True)
class DecoderRow:
    """One decoder's scores on a domain, in the order of the columns, and its L1 against the first decoder's."""

    decoder: str
    values: list[float | None]
    change: float


def domain_tables(scores: pd.DataFrame) -> dict[str, list[DecoderRow]]:
    """Lay out a table of scores (columns `domain`, `decoder`, scores) as a table a domain, in order."""
    tables = {}
    for domain, rows in scores.groupby("domain", sort=False):
        first = float(rows["l1"].iloc[0])
        tables[str(domain)] = [
            DecoderRow(
                str(row["decoder"]), [_number(row, name) for name in DOMAIN_COLUMNS], float(row["l1"]) / first - 1
            )
            for row in rows.to_dict("records")
        ]
    return tables


def _number(row: Mapping[Any, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None or pd.isna(value):
        return None
    return int(value) if name == "changed_values" else float(value)
