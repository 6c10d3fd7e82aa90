"""Reading the networks of published files."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.kept_models import file_path
from lfdm_pipeline.models.account import listing
from lfdm_pipeline.reference.opening import open_tensors

PublishedState = str | PathLike[str] | Mapping[str, Any]
"""A published file, or what it holds: networks' state dicts, or tensors under their full names."""


@dataclass(frozen=True)
class PublishedNetworks:
    """The networks wanted of a published file.

    Attributes:
        tensors: under their full names, such as `generator.final.bias`.
        origin: where they are from, for messages.
        others: what else the file holds, and nobody read: the optimizer, other networks.
    """

    tensors: Mapping[str, Tensor]
    origin: str
    others: tuple[str, ...]


def read_published(path_or_state: PublishedState, networks: Collection[str]) -> PublishedNetworks:
    """Return the tensors of the named networks.

    Args:
        path_or_state: A file written by `torch.save` that holds one state dict a network (other entries, such
            as the optimizer, are left alone), the same as a mapping, or a mapping (or safetensors file) of full names
            to tensors or arrays.
        networks: The published names of the networks wanted.

    Raises:
        InputError: The file cannot be read, a network is not in it, or an entry is no tensor.
    """
    if isinstance(path_or_state, Mapping):
        entries, origin = path_or_state, "the given state"
    else:
        # A remote path is none that the operating system knows.
        path = Path(path_or_state) if isinstance(path_or_state, PathLike) else path_or_state
        entries, origin = open_tensors(file_path(path) if isinstance(path, str) else path), str(path_or_state)
    tensors = dict(_flatten(entries, networks, origin))
    others = tuple(dict.fromkeys(_others(entries, networks)))
    for network in networks:
        if not any(name.startswith(f"{network}.") for name in tensors):
            found = [*dict.fromkeys(name.partition(".")[0] for name in tensors), *others]
            raise InputError(
                f"no network {network!r} in {origin}, which holds {listing(found) or 'nothing'}: "
                f"give the published file of this stage, with {listing(networks)}"
            )
    return PublishedNetworks(tensors, origin, others)


def _flatten(entries: Mapping[str, Any], networks: Collection[str], origin: str) -> Iterable[tuple[str, Tensor]]:
    for key, value in entries.items():
        if key in networks and isinstance(value, Mapping):
            for name, tensor in value.items():
                yield f"{key}.{name}", _tensor(tensor, f"{key}.{name}", origin)
        elif str(key).partition(".")[0] in networks:
            yield str(key), _tensor(value, str(key), origin)


def _others(entries: Mapping[str, Any], networks: Collection[str]) -> Iterator[str]:
    for key in entries:
        network = str(key).partition(".")[0]
        if network not in networks:
            yield network


def _tensor(value: Any, name: str, origin: str) -> Tensor:
    try:
        return torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} in {origin} is a {type(value).__name__}, not a tensor") from error
