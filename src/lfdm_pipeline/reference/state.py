"""Reading published files and copying their tensors, every one accounted for."""

import pickle
from collections.abc import Callable, Collection, Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError

PublishedState = str | PathLike[str] | Mapping[str, Any]
"""A published file, or what it holds: networks' state dicts, or tensors under their full names."""

_LISTED = 5


def read_published_state(path_or_state: PublishedState, networks: Collection[str]) -> dict[str, Tensor]:
    """Return the tensors of the named networks under their full names, such as `generator.final.bias`.

    Args:
        path_or_state: A file written by `torch.save` that holds one state dict a network (other entries, such
            as the optimizer, are left alone), the same as a mapping, or a mapping of full names to tensors or
            arrays.
        networks: The published names of the networks wanted.

    Raises:
        InputError: The file is absent or none of torch's, a network is not in it, or an entry is no tensor.
    """
    if isinstance(path_or_state, Mapping):
        entries, where = path_or_state, "the given state"
    else:
        entries, where = _load(Path(path_or_state)), str(path_or_state)
    state = dict(_flatten(entries, networks, where))
    for network in networks:
        if not any(name.startswith(f"{network}.") for name in state):
            raise InputError(
                f"no network {network!r} in {where}, which holds {_listing(map(str, entries))}: "
                f"give the published file of this stage, with {_listing(networks)}"
            )
    return state


def assign(
    module: nn.Module,
    state: Mapping[str, Tensor],
    names: Mapping[str, str],
    is_constant: Callable[[str], bool] = lambda name: False,
) -> None:
    """Copy published tensors into a module, which keeps its own memory layout and types.

    Args:
        module: Receives the tensors.
        state: Tensors under their full published names.
        names: The published name of every entry of the module's state dict.
        is_constant: Tells published names that follow from the architecture: ignored, and they may be absent.

    Raises:
        InputError: Tensors are missing, left over or of another shape; all of them are named.
    """
    own = module.state_dict(keep_vars=True)
    wanted = {names[key]: tensor for key, tensor in own.items()}
    faults = {
        "missing": sorted(wanted.keys() - state.keys()),
        "left over": sorted(name for name in state.keys() - wanted.keys() if not is_constant(name)),
        "of another shape": [
            f"{name} {tuple(state[name].shape)} instead of {tuple(tensor.shape)}"
            for name, tensor in wanted.items()
            if name in state and state[name].shape != tensor.shape
        ],
    }
    if any(faults.values()):
        what = "; ".join(f"{len(found)} {kind}: {_listing(found)}" for kind, found in faults.items() if found)
        raise InputError(f"published tensors do not fit the model: {what}")
    with torch.no_grad():
        for name, tensor in wanted.items():
            tensor.copy_(state[name])


def _load(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        raise InputError(f"no published weights at {path}: give the path of the downloaded file")
    try:
        entries = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} cannot be read as a file of tensors written by torch.save: {reason}") from error
    if not isinstance(entries, Mapping):
        raise InputError(f"{path} holds a {type(entries).__name__}: give a file that holds a dict of networks")
    return entries


def _flatten(entries: Mapping[str, Any], networks: Collection[str], where: str) -> Iterable[tuple[str, Tensor]]:
    for key, value in entries.items():
        if key in networks and isinstance(value, Mapping):
            for name, tensor in value.items():
                yield f"{key}.{name}", _tensor(tensor, f"{key}.{name}", where)
        elif "." in str(key):
            yield str(key), _tensor(value, str(key), where)


def _tensor(value: Any, name: str, where: str) -> Tensor:
    try:
        return torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} in {where} is a {type(value).__name__}, not a tensor") from error


def _listing(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - _LISTED} more" if len(shown) > _LISTED else ""
    return ", ".join(shown[:_LISTED]) + more
