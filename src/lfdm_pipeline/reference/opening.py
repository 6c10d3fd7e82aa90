"""Opening files of tensors, never the code that a file may hold."""

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading

_PICKLED_OBJECT = re.compile(r"GLOBAL ([\w.]+)")
_ZIP, _PICKLE = b"PK\x03\x04", b"\x80"


def open_tensors(path: Path) -> Mapping[str, Any]:
    """Return what a file of `torch.save` or of safetensors holds, on the CPU.

    Raises:
        InputError: The file is absent, of another kind, cut off, or holds objects that only code could restore; such
            code is never run.
    """
    if not path.is_file():
        raise InputError(f"no published weights at {path}: give the path of the downloaded file")
    try:
        with reading(path) as file:
            return _open(file, path)
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror or error}") from error


def _open(file: Path, path: Path) -> Mapping[str, Any]:
    with file.open("rb") as opened:
        head = opened.read(16)
    if head[8:9] == b"{":
        return _open_safetensors(file, path)
    if not head.startswith((_ZIP, _PICKLE)):
        begin = f"it begins with {head!r}" if head else "it is empty"
        raise InputError(f"{path} cannot be read as a file of tensors written by torch.save: {begin}")
    try:
        entries = torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        raise InputError(f"{path} cannot be read as a file of tensors written by torch.save: {_why(error)}") from error
    if not isinstance(entries, Mapping):
        raise InputError(f"{path} holds a {type(entries).__name__}: give a file that holds a dict of networks")
    return entries


def _open_safetensors(file: Path, path: Path) -> Mapping[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise InputError(f"{path} cannot be read as a safetensors file: {error}; get the file again") from error


def _why(error: Exception) -> str:
    # Torch's own words end in the advice to open the file with its code.
    if found := _PICKLED_OBJECT.search(str(error)):
        return f"it holds {found[1]}, which only running the file's own code would restore; nothing was run"
    if "TorchScript" in str(error):
        return "it is a TorchScript program, not weights; nothing was run"
    if isinstance(error, pickle.UnpicklingError | KeyError):
        return "it holds pickled objects that are no tensors; nothing was run"
    return "it is cut off or damaged, get it again"
