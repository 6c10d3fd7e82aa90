"""Training state on disk: written aside, renamed, pruned, verified, and read back without unpickling code."""

import errno
import logging
import os
import re
import shutil
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import is_remote, reading
from lfdm_pipeline.training.memory import is_lack_of_memory
from lfdm_pipeline.workspace import Workspace

_NAME = re.compile(r"step_(\d+)\.pt")
_BEST = "best.pt"
_GIB = 1 << 30


class Checkpoints:
    """The checkpoints of one training, in its artifact's folder.

    Args:
        workspace: the folder, and the identity of the training: a checkpoint resumes only the training it came from.
        keep: how many of the latest stay, beside the best.
    """

    def __init__(self, workspace: Workspace, keep: int) -> None:
        self.folder = workspace.folder / "checkpoints"
        self.identity = workspace.identity
        self.keep = keep
        self._damaged: set[Path] = set()

    def save(self, step: int, state: dict[str, Any]) -> None:
        """Write the state after `step` steps, then drop those that were found damaged, and the oldest ones.

        Raises:
            InputError: it could not be written; all earlier ones are intact.
        """
        path = self.folder / f"step_{step:08d}.pt"
        self._write(path, step, state)
        for damaged in self._damaged - {path}:
            damaged.unlink(missing_ok=True)
        self._damaged.clear()
        written = [each for each in self._paths() if each.name <= path.name]
        for old in written[: -self.keep]:
            old.unlink()

    def save_best(self, step: int, state: dict[str, Any]) -> None:
        """Write the state after `step` steps in place of the best one so far.

        Raises:
            InputError: it could not be written; all earlier ones are intact.
        """
        self._write(self.folder / _BEST, step, state)

    def latest(self) -> dict[str, Any] | None:
        """The latest whole state of this training, or None.

        Raises:
            InputError: one could not be read, and may well be whole.
        """
        for path in reversed(self._paths()):
            state = self._read(path)
            if state is not None:
                return state
        return None

    def _paths(self) -> list[Path]:
        if not self.folder.exists():
            return []
        return sorted((path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)), key=str)

    def _write(self, path: Path, step: int, state: dict[str, Any]) -> None:
        try:
            # Given a path instead of a file, torch would write the temporary name into it.
            with atomic.replacing(path) as temporary, temporary.open("wb") as file:
                torch.save({"identity": self.identity, "step": step, **state}, file)
                file.flush()
                # Renamed before its bytes are on the disk, a file can be empty after a loss of power.
                os.fsync(file.fileno())
        # torch's writer raises RuntimeError where the disk is full.
        except (OSError, RuntimeError) as error:
            free = shutil.disk_usage(gettempdir() if is_remote(self.folder) else self.folder).free / _GIB
            raise InputError(
                f"checkpoint {path} could not be written, {free:.1f} GiB are free there ({_first_line(error)}); the "
                "previous one is intact: free some space and run the same command again to go on from it"
            ) from error

    def _read(self, path: Path) -> dict[str, Any] | None:
        """The state in a file; None where it is damaged or belongs to another training."""
        try:
            with reading(path) as file:
                return _load(file, self.identity)
        except FileNotFoundError:
            return None
        except _DamagedError as error:
            self._damaged.add(path)
            logging.getLogger(__name__).warning("checkpoint %s is damaged and passed over: %s", path, error)
            return None
        except Exception as error:  # stores of remote files have their own
            raise InputError(
                f"checkpoint {path} could not be read ({_first_line(error)}), which does not mean that it is damaged: "
                "run the same command again when it can be, or remove it to go on from the one before it"
            ) from error


class _DamagedError(Exception):
    """What is wrong with a file that could be read."""


def _load(file: Path, identity: str) -> dict[str, Any] | None:
    try:
        with ZipFile(file) as archive:
            damaged = archive.testzip()
        if damaged:
            raise BadZipFile(f"the checksum of {damaged} is wrong")
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
        return state if state["identity"] == identity else None
    except Exception as error:  # every kind of damage has its own
        if _is_the_machines(error):
            raise
        raise _DamagedError(_first_line(error)) from error


def _is_the_machines(error: Exception) -> bool:
    # Where an archive's directory is damaged, it may point before the file's start, and seeking that is EINVAL.
    return is_lack_of_memory(error) or (isinstance(error, OSError) and error.errno != errno.EINVAL)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
