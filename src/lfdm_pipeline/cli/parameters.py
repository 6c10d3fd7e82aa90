"""`--params` as Kedro takes it, and with lists and texts in quotes."""

import re
from collections.abc import Iterator
from copy import copy
from typing import Any

import click
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)


def given_parameters(context: click.Context, option: Any, value: str | dict[str, Any]) -> Any:
    """Nested parameters of `a.b=1,a.c=[2,3],a.d="x, y"`.

    Kedro's own reading cuts at every comma and so refuses lists of more than one value; here a comma within brackets or
    quotes belongs to its value, which is read as YAML.

    Raises:
        BadParameter: A part has no name or no value, or the value is no YAML.
    """
    if isinstance(value, dict):
        return value
    parameters = OmegaConf.create({})
    for item in filter(None, map(str.strip, _items(value))):
        name, equals, _ = item.partition("=")
        if not (name.strip() and equals):
            reason = f"{item!r} is not of the form name=value; a text that holds a comma is to be put in quotes"
            raise click.BadParameter(reason, context, option)
        try:
            parameters.merge_with_dotlist([item])
        except (YAMLError, OmegaConfBaseException) as error:
            reason = str(getattr(error, "problem", None) or error).partition("\n")[0]
            raise click.BadParameter(
                f"{item!r} cannot be read ({reason}); what is text is to be put in quotes: {name}='\"…\"' in a shell",
                context,
                option,
            ) from error
    return OmegaConf.to_container(parameters)


def with_lists(command: click.Command) -> click.Command:
    """The same command with `--params` that takes lists."""
    changed = copy(command)
    changed.params = [copy(option) for option in command.params]
    for option in changed.params:
        if option.name == "params":
            option.callback = given_parameters
    return changed


def _items(text: str) -> Iterator[str]:
    """Cut at the commas that are neither within brackets nor within quotes.

    As in YAML both begin only where a value does: `it's`, `a[1].png` and `x]` are plain texts.
    """
    depth, start, place, begins = 0, 0, 0, False
    while place < len(text):
        character = text[place]
        if begins and (quoted := _QUOTED.match(text, place)):
            place, begins = quoted.end(), False
            continue
        if character in "[{" and (begins or depth):
            depth += 1
        elif character in "]}" and depth:
            depth -= 1
        elif character == "," and not depth:
            yield text[start:place]
            start = place + 1
        value_follows = character in "[{,:" if depth else character == "=" and "=" not in text[start:place]
        begins = value_follows or (begins and character.isspace())
        place += 1
    yield text[start:]
