"""`--params` as Kedro takes it, and with lists."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import click
from omegaconf import OmegaConf


def given_parameters(context: click.Context, option: Any, value: str | dict[str, Any]) -> Any:
    """Nested parameters of `a.b=1,a.c=[2,3]`.

    Kedro's own reading cuts at every comma and so refuses lists of more than one value; here a comma within brackets
    belongs to its value.

    Raises:
        BadParameter: A part has no name or no value.
    """
    if isinstance(value, dict):
        return value
    items = [item.strip() for item in _items(value) if item.strip()]
    for item in items:
        name, equals, _ = item.partition("=")
        if not (name.strip() and equals):
            raise click.BadParameter(f"{item!r} is not of the form name=value", context, option)
    return OmegaConf.to_container(OmegaConf.from_dotlist(items))


def with_lists(command: click.Command) -> click.Command:
    """The same command with `--params` that takes lists."""
    changed = copy(command)
    changed.params = [copy(option) for option in command.params]
    for option in changed.params:
        if option.name == "params":
            option.callback = given_parameters
    return changed


def _items(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for place, character in enumerate(text):
        depth += (character in "[{") - (character in "]}")
        if character == "," and depth == 0:
            yield text[start:place]
            start = place + 1
    yield text[start:]
