"""The clips of a corpus as a reader comes upon them."""

from collections.abc import Sequence
from typing import Any

from lfdm_pipeline.clips.sources.base import LeftOut, Recording, Survey

_NAMED = 5


class Listing:
    """Gathers clips; whatever is not used is kept with its reason."""

    def __init__(self) -> None:
        self._recordings: dict[str, Recording] = {}
        self._left_out: list[LeftOut] = []
        self._findings: list[str] = []

    def add(
        self, source: str, clip_id: str, label: str | None, subject: str, split: str | None, **details: Any
    ) -> None:
        """Add a clip; one of a subject without split, or of a name that was there before, is left out."""
        before = self._recordings.get(clip_id)
        if before is not None:
            self.leave_out(source, clip_id, f"there is another {clip_id}, from {before.source}")
        elif split is None:
            self.leave_out(source, clip_id, f"subject {subject!r} is in no split")
        else:
            self._recordings[clip_id] = Recording(source, clip_id, label, subject, split, **details)

    def leave_out(self, source: str, clip_id: str, reason: str) -> None:
        """Note a clip that is not to be used."""
        self._left_out.append(LeftOut(source, clip_id, reason))

    def remark(self, finding: str) -> None:
        """Note what a person should look at."""
        self._findings.append(finding)

    def count(self, what: str, names: Sequence[str]) -> None:
        """Note how many there are of what, and the first of their names; nothing where there are none."""
        if names:
            more = ", …" if len(names) > _NAMED else ""
            self.remark(f"{what} ({len(names)}): {', '.join(names[:_NAMED])}{more}")

    @property
    def subjects(self) -> set[str]:
        """Subjects of the clips so far."""
        return {each.subject for each in self._recordings.values()}

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found at all."""
        return not self._recordings and not self._left_out

    def survey(self, depth_files: Sequence[str] = ()) -> Survey:
        """What was gathered."""
        return Survey(
            recordings=tuple(self._recordings[clip_id] for clip_id in sorted(self._recordings)),
            left_out=tuple(self._left_out),
            findings=tuple(self._findings),
            depth_files=tuple(depth_files),
        )
