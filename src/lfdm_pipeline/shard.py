"""A part of a work that several machines share."""

import re
from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import AfterValidator

T = TypeVar("T")

_FORM = re.compile(r"([1-9]\d*)/([1-9]\d*)")


def _checked(shard: str) -> str:
    form = _FORM.fullmatch(shard)
    if form is None or int(form[1]) > int(form[2]):
        raise ValueError("a shard is i/n, from 1/n to n/n")
    return shard


Shard = Annotated[str, AfterValidator(_checked)]
"""`i/n`: the i-th of n parts, counted from 1."""


def share_of(items: Sequence[T], shard: Shard | None) -> list[T]:
    """The items of a part: every n-th, so that parts are of equal size; all where there are no parts."""
    if shard is None:
        return list(items)
    part, parts = map(int, shard.split("/"))
    return list(items[part - 1 :: parts])
