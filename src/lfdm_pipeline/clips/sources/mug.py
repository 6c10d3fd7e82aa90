"""The MUG facial expression database (Aifanti et al. 2010): folders of JPEG frames."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

from pydantic import Field

from lfdm_pipeline.clips.file_kinds import IMAGE_SUFFIXES
from lfdm_pipeline.clips.sources.base import Survey
from lfdm_pipeline.clips.sources.files import Folder, suffix, walk
from lfdm_pipeline.clips.sources.layout import Layout
from lfdm_pipeline.clips.sources.listing import Listing
from lfdm_pipeline.clips.sources.subjects import SubjectSplit

_LAYOUT = Layout(
    "MUG", "its subjects' folders (001/[session0/]anger/take000/img_0000.jpg …)", "https://mug.ee.auth.gr/fed/"
)
_SUBJECT = re.compile(r"\d{3}")
_SESSION = re.compile(r"session[ _-]?(\d+)", re.IGNORECASE)
_TAKE = re.compile(r"take[ _-]?(\d+)", re.IGNORECASE)


class MugOptions(SubjectSplit):
    """Subjects of MUG, by three digits, and how fast it was filmed."""

    fps: float = Field(default=19.0, gt=0)
    """Frames a second."""


@dataclass(frozen=True)
class _Take:
    """What the names of a folder and of those above it say."""

    subject: str
    session: str | None
    expression: str
    take: str | None

    @classmethod
    def named(cls, path: PurePosixPath) -> Self | None:
        """Read `<subject>/[<subject>/][session<N>/]<expression>/[take<N>]`, wherever it begins; None for others."""
        subject = next((part for part in path.parts if _SUBJECT.fullmatch(part)), None)
        if subject is None:
            return None
        below = path.parts[path.parts.index(subject) + 1 :]
        sessions = [match[1] for part in below if (match := _SESSION.fullmatch(part))]
        takes = [match[1] for part in below if (match := _TAKE.fullmatch(part))]
        # The corpus has been seen with subject folders inside themselves.
        others = [
            part for part in below if part != subject and not _SESSION.fullmatch(part) and not _TAKE.fullmatch(part)
        ]
        if len(others) != 1 or len(sessions) > 1 or len(takes) > 1:
            return None
        return cls(subject, next(iter(sessions), None), others[0].lower(), next(iter(takes), None))

    @property
    def clip_id(self) -> str:
        session = self.session and f"session{self.session}"
        take = self.take and f"take{self.take}"
        return "_".join(part for part in (self.subject, session, self.expression, take) if part)


class MugSource:
    """Reads subject, session, expression and take from the names of folders."""

    def __init__(self, options: MugOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the corpus is there."""
        _LAYOUT.check(root)

    def survey(self, root: Path) -> Survey:
        """List every folder that holds frames itself."""
        listing, strays = Listing(), []
        for folder in walk(root):
            frames = [name for name in folder.files if suffix(name) in IMAGE_SUFFIXES]
            take = _Take.named(folder.path)
            if frames:
                self._add(folder, take, listing)
            elif take is not None and not folder.folders:
                listing.leave_out(folder.path.as_posix(), take.clip_id, "no frames in the folder")
            strays += [source for source in folder.sources() if suffix(source) not in IMAGE_SUFFIXES]
        if listing.is_empty:
            raise _LAYOUT.nothing_in(root)
        listing.count("files that are no frames and are not used", strays)
        listing.count("listed subjects without clips", self._options.absent(listing.subjects))
        return listing.survey()

    def _add(self, folder: Folder, take: _Take | None, listing: Listing) -> None:
        source = folder.path.as_posix()
        if take is None:
            listing.leave_out(source, source, "does not lie as subject/[session/]expression/[take]")
        else:
            split = self._options.split_of(take.subject)
            listing.add(source, take.clip_id, take.expression, take.subject, split, fps=self._options.fps)
