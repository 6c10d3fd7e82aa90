"""One reader a corpus."""

from collections.abc import Callable

from pydantic import field_validator

from lfdm_pipeline.clips.sources.base import Recording, Source
from lfdm_pipeline.clips.sources.folder import FolderOptions, FolderSource
from lfdm_pipeline.clips.sources.synthetic import SyntheticSource
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions
from lfdm_pipeline.options import Options

__all__ = ["SOURCES", "Recording", "Source", "SourceOptions", "open_source"]


class SourceOptions(Options):
    """Which source the clips come from, and the options of each under its own name."""

    name: str = "synthetic"
    """Name of the source."""
    synthetic: SyntheticOptions = SyntheticOptions()
    """Options of the synthetic corpus."""
    folder: FolderOptions = FolderOptions()
    """Options of a folder of one's own videos."""

    @field_validator("name")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in SOURCES:
            raise ValueError(f"unknown source {name!r}; there are {', '.join(SOURCES)}")
        return name


SOURCES: dict[str, Callable[[SourceOptions], Source]] = {
    "synthetic": lambda options: SyntheticSource(options.synthetic),
    "folder": lambda options: FolderSource(options.folder),
}
"""Every source by name."""


def open_source(options: SourceOptions) -> Source:
    """The source that the options name."""
    return SOURCES[options.name](options)
