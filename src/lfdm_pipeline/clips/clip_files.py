"""Where a store keeps the arrays of its clips."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.errors import InputError


class ClipFiles:
    """The files `<clip_id>.npy` under one folder; a clip id may hold `/`."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def path(self, clip_id: str) -> Path:
        """The file of a clip."""
        return self.root / f"{clip_id}.npy"

    def open(self, clip_id: str) -> npt.NDArray[Any]:
        """Read-only memory map of a clip's array.

        Raises:
            InputError: The clip is not there or its file is damaged.
        """
        path = self.path(clip_id)
        try:
            # The plain array over the map: indexing a numpy.memmap costs several times as much.
            return np.asarray(np.load(path, mmap_mode="r"))
        except FileNotFoundError:
            raise InputError(f"no clip {clip_id!r} in {self.root}: run the stage that makes it") from None
        except (ValueError, EOFError) as error:
            raise InputError(f"{path} is damaged ({error}): delete it and run its stage again") from error

    def remove(self, clip_id: str) -> None:
        """Forget a clip; no error where there is none."""
        self.path(clip_id).unlink(missing_ok=True)

    def __contains__(self, clip_id: object) -> bool:
        return isinstance(clip_id, str) and self.path(clip_id).is_file()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self.root.rglob("*.npy")):
            # Names with a leading dot are files still being written.
            if not path.name.startswith("."):
                yield path.relative_to(self.root).with_suffix("").as_posix()
