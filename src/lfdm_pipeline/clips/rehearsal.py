"""New clips mixed with old ones, so that what was learned from those is not forgotten."""

from collections.abc import Sequence
from math import floor
from typing import Any, Protocol

from torch.utils.data import Dataset


class Drawn(Protocol):
    """Endless items by draw number."""

    def __getitem__(self, draw: int) -> dict[str, Any]:
        """One item."""

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes."""


class Rehearsal(Dataset[dict[str, Any]]):
    """Draws of new clips, a fixed share of which is replaced by draws of old ones in turn.

    Every run of draws holds the share, to within one: no batch is without old clips by chance.

    Args:
        new: Draws of the new domain.
        old: Draws of each old domain.
        share: Share of old draws, 0 to 1.
    """

    def __init__(self, new: Drawn, old: Sequence[Drawn], share: float) -> None:
        self._new, self._old, self._share = new, tuple(old), share

    def clip_id(self, draw: int) -> str:
        """The clip that a draw takes."""
        domain, number = self._place(draw)
        return domain.clip_id(number)

    def __getitem__(self, draw: int) -> dict[str, Any]:
        domain, number = self._place(draw)
        return domain[number]

    def _place(self, draw: int) -> tuple[Drawn, int]:
        rehearsed = floor(draw * self._share)
        if floor((draw + 1) * self._share) == rehearsed:
            return self._new, draw - rehearsed
        number, domain = divmod(rehearsed, len(self._old))
        return self._old[domain], number
