"""UTD-MHAD (Chen et al. 2015): one AVI file an action."""

import re
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from lfdm_pipeline.clips.file_kinds import VIDEO_SUFFIXES
from lfdm_pipeline.clips.sources.base import Survey
from lfdm_pipeline.clips.sources.files import suffix, walk
from lfdm_pipeline.clips.sources.layout import Layout
from lfdm_pipeline.clips.sources.listing import Listing
from lfdm_pipeline.clips.sources.subjects import SubjectSplit

_LAYOUT = Layout(
    "UTD-MHAD",
    "RGB-part1 to RGB-part4 (a1_s1_t1_color.avi …)",
    "https://personal.utdallas.edu/~kehtar/UTD-MHAD.html",
)
_NAME = re.compile(r"a(\d+)_s(\d+)_t(\d+)_(color\.avi|depth\.mat)", re.IGNORECASE)
_TRIALS = 4


class MhadOptions(SubjectSplit):
    """Subjects of UTD-MHAD, by number, and the names of its actions."""

    labels: tuple[str, ...] = Field(min_length=1)
    """Name of action 1, of action 2, …"""


class _Action(NamedTuple):
    action: int
    subject: int
    trial: int

    @property
    def clip_id(self) -> str:
        return f"a{self.action}_s{self.subject}_t{self.trial}"


_NEVER_RECORDED = {_Action(8, 1, 4), _Action(23, 6, 4), _Action(27, 8, 4)}


class MhadSource:
    """Reads action, subject and trial from names of files, in whatever folder they lie."""

    def __init__(self, options: MhadOptions) -> None:
        self._options = options

    def prepare(self, root: Path) -> None:
        """Check that the corpus is there."""
        _LAYOUT.check(root)

    def survey(self, root: Path) -> Survey:
        """List every colour video, and the depth files beside."""
        listing = Listing()
        depth_files: dict[str, str] = {}
        found: set[_Action] = set()
        for folder in walk(root):
            for name, source in zip(folder.files, folder.sources(), strict=True):
                match = _NAME.fullmatch(name)
                if match is None:
                    if suffix(name) in VIDEO_SUFFIXES:
                        listing.leave_out(source, source, "not named like a1_s1_t1_color.avi")
                    continue
                action = _Action(*map(int, match.groups()[:3]))
                if suffix(name) == ".mat":
                    depth_files.setdefault(action.clip_id, source)
                else:
                    found.add(action)
                    self._add(action, source, listing)
        if listing.is_empty:
            raise _LAYOUT.nothing_in(root)
        listing.count("clips of the corpus that are not there", [each.clip_id for each in self._absent(found)])
        return listing.survey(sorted(depth_files.values()))

    def _add(self, action: _Action, source: str, listing: Listing) -> None:
        labels, subject = self._options.labels, str(action.subject)
        if not 1 <= action.action <= len(labels):
            reason = f"unknown label: action {action.action} is none of the {len(labels)} that are named"
            listing.leave_out(source, action.clip_id, reason)
        else:
            listing.add(source, action.clip_id, labels[action.action - 1], subject, self._options.split_of(subject))

    def _absent(self, found: set[_Action]) -> list[_Action]:
        subjects = [int(subject) for subject in (*self._options.train_subjects, *self._options.test_subjects)]
        recorded = {
            _Action(action, subject, trial)
            for action in range(1, len(self._options.labels) + 1)
            for subject in subjects
            for trial in range(1, _TRIALS + 1)
        }
        return sorted(recorded - _NEVER_RECORDED - found)
