"""Training state on disk: written aside, renamed, pruned, and read back without unpickling code."""

import re
from pathlib import Path
from typing import Any

import torch

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading
from lfdm_pipeline.workspace import Workspace

_NAME = re.compile(r"step_(\d+)\.pt")


class Checkpoints:
    """The checkpoints of one training, in its artifact's folder.

    Args:
        workspace: the folder, and the identity of the training: a checkpoint resumes only the training it came from.
        keep: how many of the latest stay.
    """

    def __init__(self, workspace: Workspace, keep: int) -> None:
        self.folder = workspace.folder / "checkpoints"
        self.identity = workspace.identity
        self.keep = keep

    def save(self, step: int, state: dict[str, Any]) -> None:
        """Write the state after `step` steps, then drop the oldest ones."""
        path = self.folder / f"step_{step:08d}.pt"
        try:
            with atomic.replacing(path) as temporary:
                torch.save({"identity": self.identity, "step": step, **state}, temporary)
        except OSError as error:
            raise InputError(
                f"checkpoint {path} could not be written ({error}); the previous one is intact: "
                "free some space and run the same command again to go on from it"
            ) from error
        for old in self._paths()[: -self.keep]:
            old.unlink()

    def latest(self) -> dict[str, Any] | None:
        """The latest whole state of this training, or None."""
        for path in reversed(self._paths()):
            state = _read(path)
            if state is not None and state["identity"] == self.identity:
                return state
        return None

    def _paths(self) -> list[Path]:
        if not self.folder.exists():
            return []
        return sorted((path for path in self.folder.iterdir() if _NAME.fullmatch(path.name)), key=str)


def _read(path: Path) -> dict[str, Any] | None:
    # A damaged file is as good as none: an earlier checkpoint, or the start, takes its place.
    try:
        with reading(path) as file:
            state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except Exception:
        return None
    return state if "identity" in state else None
