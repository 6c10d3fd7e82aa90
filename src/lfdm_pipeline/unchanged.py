"""What a node returns for a kept entry that it leaves as it is."""

from enum import Enum
from typing import Final, Literal


class _Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED
"""Kedro asks a node for every one of its outputs; an entry that is given this keeps what it holds."""

Unchanged = Literal[_Unchanged.UNCHANGED]
