"""One reader a corpus."""

from collections.abc import Callable
from typing import Any, Self

from pydantic import field_validator, model_validator

from lfdm_pipeline.clips.sources.base import Recording, Source, Survey
from lfdm_pipeline.clips.sources.faceforensics import FaceForensicsOptions, FaceForensicsSource
from lfdm_pipeline.clips.sources.folder import FolderOptions, FolderSource
from lfdm_pipeline.clips.sources.mhad import MhadOptions, MhadSource
from lfdm_pipeline.clips.sources.mug import MugOptions, MugSource
from lfdm_pipeline.clips.sources.natops import NatopsOptions, NatopsSource
from lfdm_pipeline.clips.sources.synthetic import SyntheticSource
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions
from lfdm_pipeline.options import Options

__all__ = ["SOURCES", "Recording", "Source", "SourceOptions", "Survey", "open_source"]


class SourceOptions(Options):
    """Which source the clips come from, and the options of each under its own name."""

    name: str = "synthetic"
    """Name of the source."""
    synthetic: SyntheticOptions = SyntheticOptions()
    """Options of the synthetic corpus."""
    folder: FolderOptions = FolderOptions()
    """Options of a folder of one's own videos."""
    mug: MugOptions | None = None
    """Options of MUG."""
    mhad: MhadOptions | None = None
    """Options of UTD-MHAD."""
    natops: NatopsOptions | None = None
    """Options of NATOPS."""
    faceforensics: FaceForensicsOptions = FaceForensicsOptions()
    """Options of FaceForensics."""

    @field_validator("name")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in SOURCES:
            raise ValueError(f"unknown source {name!r}; there are {', '.join(SOURCES)}")
        return name

    @model_validator(mode="after")
    def _has_options(self) -> Self:
        if getattr(self, self.name) is None:
            raise ValueError(f"source.{self.name} is not set; conf/{self.name}/parameters.yml says what it needs")
        return self


SOURCES: dict[str, Callable[[Any], Source]] = {
    "synthetic": SyntheticSource,
    "folder": FolderSource,
    "mug": MugSource,
    "mhad": MhadSource,
    "natops": NatopsSource,
    "faceforensics": FaceForensicsSource,
}
"""Every source by the name of its options."""


def open_source(options: SourceOptions) -> Source:
    """The source that the options name."""
    return SOURCES[options.name](getattr(options, options.name))
