"""What the project's own configuration says of a corpus."""

from pathlib import Path
from typing import Any

import yaml

from lfdm_pipeline.clips.ingestion import IngestionOptions
from lfdm_pipeline.clips.sources import Source, SourceOptions, open_source

CONF = Path(__file__).parents[3] / "conf"


def parameters(corpus: str) -> dict[str, Any]:
    """The parameters of `conf/<corpus>`, which differ from base."""
    values: dict[str, Any] = yaml.safe_load((CONF / corpus / "parameters.yml").read_text(encoding="utf-8"))
    return values


def configured_source(corpus: str) -> Source:
    """The source as configured."""
    return open_source(SourceOptions(**parameters(corpus)["source"]))


def configured_ingestion(corpus: str) -> IngestionOptions:
    """How frames are kept, as configured."""
    return IngestionOptions(**parameters(corpus)["ingestion"])
