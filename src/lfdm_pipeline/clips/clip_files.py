"""Where a store keeps the arrays of its clips."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import download, is_remote, to_path


class ClipFiles:
    """The files `<clip_id>.npy` under one folder; a clip id may hold `/`.

    Args:
        root: the folder.
        copies: where on this machine to keep what is read of a remote folder, which must not change any more;
            None: nothing is kept.
    """

    def __init__(self, root: str | Path, copies: Path | None = None) -> None:
        self.root = to_path(root)
        self.copies = copies

    def path(self, clip_id: str) -> Path:
        """The file of a clip."""
        return self.root / f"{clip_id}.npy"

    def open(self, clip_id: str) -> npt.NDArray[Any]:
        """Read-only memory map of a clip's array; that of a remote file is over a copy of it, or in memory.

        Raises:
            InputError: The clip is not there or its file is damaged.
        """
        path = self.path(clip_id)
        try:
            if is_remote(path) and self.copies is None:
                array: npt.NDArray[Any] = np.load(BytesIO(path.read_bytes()))
                array.flags.writeable = False
                return array
            # The plain array over the map: indexing a numpy.memmap costs several times as much.
            return np.asarray(np.load(self._local(clip_id), mmap_mode="r"))
        except FileNotFoundError:
            raise InputError(f"no clip {clip_id!r} in {self.root}: run the stage that makes it") from None
        except (ValueError, EOFError) as error:
            raise InputError(f"{path} is damaged ({error}): delete it and run its stage again") from error

    def remove(self, clip_id: str) -> None:
        """Forget a clip; no error where there is none."""
        self.path(clip_id).unlink(missing_ok=True)

    def _local(self, clip_id: str) -> Path:
        path = self.path(clip_id)
        if self.copies is None:
            return path
        copy = self.copies / f"{clip_id}.npy"
        if not copy.is_file():
            with atomic.replacing(copy) as temporary:
                download(path, temporary)
        return copy

    def __contains__(self, clip_id: object) -> bool:
        return isinstance(clip_id, str) and self.path(clip_id).is_file()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[str]:
        # Names with a leading dot are files still being written.
        files = (path for path in self.root.rglob("*.npy") if not path.name.startswith("."))
        yield from sorted(path.relative_to(self.root).as_posix().removesuffix(".npy") for path in files)
