"""Errors that are the user's to mend."""


class InputError(Exception):
    """What was wrong, where, and what to do about it, in one line; shown without a traceback."""


class UnavailableError(InputError):
    """Something that this machine lacks, whatever the input."""
