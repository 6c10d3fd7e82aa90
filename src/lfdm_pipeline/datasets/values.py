"""Parameters as flat names and plain values."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel


def flatten(value: Any, name: str) -> dict[str, Any]:
    """Plain leaves under dotted names: `{"a": {"b": 1}}` named `lfae` is `{"lfae.a.b": 1}`.

    Options become their fields, defaults included; lists stay whole, since their parts have no names.
    """
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if not isinstance(value, Mapping) or not value:
        return {name: value}
    leaves: dict[str, Any] = {}
    for key, part in value.items():
        leaves |= flatten(part, f"{name}.{key}" if name else str(key))
    return leaves
