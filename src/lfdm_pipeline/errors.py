"""Errors that are the user's to mend."""

from collections.abc import Collection
from difflib import get_close_matches


class InputError(Exception):
    """What was wrong, where, and what to do about it, in one line; shown without a traceback."""


class UnavailableError(InputError):
    """Something that this machine lacks, whatever the input."""


def what_there_is(name: str, known: Collection[str]) -> str:
    """What to say of a name that is none of those known: the one it is near to, or all of them."""
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(known)}"
