"""Checks of all parameters, before anything runs or is written."""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from lfdm_pipeline.errors import InputError

Names = dict[str, "Names"]
"""Known names by level; an empty mapping says nothing about what lies below."""


def _plain_name(experiment: str | int) -> str | int:
    # It becomes a folder's name: one that leads elsewhere would write over what is no experiment of this corpus.
    if not re.fullmatch(r"[\w+-][\w.+-]*", str(experiment)):
        raise ValueError("should be a plain name: letters, digits, . _ + -, and no dot at its beginning")
    return experiment


ExperimentName = Annotated[str | int, AfterValidator(_plain_name)]

RUN_PARAMETERS: Mapping[str, Any] = {
    "experiment": ExperimentName,
    "data": str,
    "raw_root": str,
    "allow_stale": bool,
}
"""Parameters that belong to a run and to no node: where its files lie, and which may be used."""

SHOWN_LENGTH = 60


def check_parameters(given: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    """Validate the given parameters against what the nodes declare.

    Args:
        given: parameters as configured, nested.
        declared: annotation of each parameter that a node takes, by dotted name.

    Returns:
        The given parameters with declared ones replaced by their validated plain values, defaults filled in.

    Raises:
        InputError: names each parameter that is unknown or wrong, on one line.
    """
    declared = {**RUN_PARAMETERS, **declared}
    known = _known_names(declared)
    problems = list(_unknown(given, known, declared, ()))
    checked = _copied(given)
    for name, annotation in declared.items():
        holder, key = _holder(checked, name)
        if holder is None or annotation is Any:
            continue
        try:
            holder[key] = _validated(annotation, holder[key])
        except ValidationError as error:
            problems.extend(_problems(name, error, known))
    if problems:
        raise InputError("; ".join(dict.fromkeys(problems)))
    return checked


def _validated(annotation: Any, value: Any) -> Any:
    adapter = TypeAdapter(annotation)
    # Kedro hands a node validated options, but any other value as configured: nothing may need converting.
    strict = None if list(option_classes(annotation)) else True
    return adapter.dump_python(adapter.validate_python(value, strict=strict), mode="json")


def _known_names(declared: Mapping[str, Any]) -> Names:
    known: Names = {}
    for name, annotation in declared.items():
        level = known
        for part in name.split("."):
            level = level.setdefault(part, {})
        level |= _fields(annotation)
    return known


def _fields(annotation: Any) -> Names:
    names: Names = {}
    for model in option_classes(annotation):
        for field, info in model.model_fields.items():
            names.setdefault(field, {}).update(_fields(info.annotation))
    return names


def option_classes(annotation: Any) -> Iterator[type[BaseModel]]:
    """The options that a value of this annotation may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, Annotated):
        for part in get_args(annotation):
            yield from option_classes(part)


def path_parameters(declared: Mapping[str, Any]) -> Iterator[str]:
    """Dotted names of the parameters that are paths of files."""
    for name, annotation in declared.items():
        if Path in (annotation, *get_args(annotation)):
            yield name
        for options in option_classes(annotation):
            fields = {f"{name}.{field}": info.annotation for field, info in options.model_fields.items()}
            yield from path_parameters(fields)


def _unknown(
    given: Mapping[str, Any], known: Names, declared: Mapping[str, Any], path: tuple[str, ...]
) -> Iterator[str]:
    for key, value in given.items():
        here = (*path, str(key))
        name = ".".join(here)
        if name in declared:
            continue
        if key not in known:
            yield f"parameter {name} is unknown; {_suggestion(here, known)}"
        elif isinstance(value, Mapping):
            yield from _unknown(value, known[key], declared, here)
        else:
            yield f"parameter {name} is a group ({', '.join(known[key])}), got {_shown(value)}"


def _problems(name: str, error: ValidationError, known: Names) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        path = (*name.split("."), *_dotted(problem["loc"], known, name))
        where = ".".join(path)
        if problem["type"] == "extra_forbidden":
            yield f"parameter {where} is unknown; {_suggestion(path, _level(known, path[:-1]))}"
        elif problem["type"] == "missing":
            yield f"parameter {where} is not set"
        else:
            yield f"parameter {where}: {_reason(problem)}, got {_shown(problem['input'])}"


def _reason(problem: ErrorDetails) -> str:
    kind, value = problem["type"], problem["input"]
    if kind in ("tuple_type", "list_type"):
        example = f" such as [{_shown(value)}]" if isinstance(value, str | int | float) else ""
        return f"should be a list{example}"
    if kind == "string_type":
        # A shell keeps the outer quotes for itself.
        remedy = """: put it in quotes, "001" in a file, '"001"' in a shell""" if isinstance(value, int | float) else ""
        return f"should be text{remedy}"
    reason = problem["msg"].removeprefix("Value error, ")
    return f"{reason[:1].lower()}{reason[1:]}"


def _dotted(location: Iterable[int | str], known: Names, name: str) -> Iterator[str]:
    # Pydantic names the member of a union it tried as if it were a level of its own.
    level = _level(known, tuple(name.split(".")))
    parts = [str(part) for part in location]
    for index, part in enumerate(parts):
        if level and part not in level and index < len(parts) - 1:
            continue
        level = level.get(part, {})
        yield part


def _level(known: Names, path: tuple[str, ...]) -> Names:
    for part in path:
        known = known.get(part, {})
    return known


def _suggestion(path: tuple[str, ...], siblings: Names) -> str:
    # Whoever forgets the group of a name means one below; of equal names the outermost counts.
    paths = sorted(_paths(siblings, path[:-1]), key=len, reverse=True)
    full = {names[-1]: ".".join(names) for names in paths}
    near = get_close_matches(path[-1], siblings, n=1) or get_close_matches(path[-1], full, n=1)
    if near:
        return f"did you mean {full[near[0]]}?"
    return f"known here: {', '.join(sorted(siblings))}" if siblings else "no node takes it"


def _paths(names: Names, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, below in names.items():
        yield (*above, name)
        yield from _paths(below, (*above, name))


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}…"


def _copied(value: Any) -> Any:
    return {key: _copied(part) for key, part in value.items()} if isinstance(value, Mapping) else value


def _holder(tree: dict[str, Any], name: str) -> tuple[dict[str, Any] | None, str]:
    *groups, key = name.split(".")
    level: Any = tree
    for group in groups:
        level = level.get(group) if isinstance(level, dict) else None
    return (level, key) if isinstance(level, dict) and key in level else (None, key)
