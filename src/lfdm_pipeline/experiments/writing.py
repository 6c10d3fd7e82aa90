"""Parameters as a command takes them."""

import math
import re
from collections.abc import Mapping
from typing import Any

import yaml

from lfdm_pipeline.experiments.definition import Settings

# A word, a path or a part: nothing that could be taken for a number, or that ends a value.
_PLAIN = re.compile(r"[^\W\d][\w/.:+@%~ -]*|[.~]{0,2}/[\w/.-]*|\d+/\d+")


def written(settings: Settings) -> str:
    """Parameters by dotted name as `--params` takes them: what it reads there is what is given here."""
    return ",".join(f"{name}={_written(value)}" for name, value in settings.items())


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{_written(key)}: {_written(each)}' for key, each in value.items())}}}"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    style = '"' if isinstance(value, str) else None
    # A scalar on its own is followed by a mark of the document's end.
    return yaml.safe_dump(value, default_style=style, width=math.inf, allow_unicode=True).removesuffix("...\n").strip()
