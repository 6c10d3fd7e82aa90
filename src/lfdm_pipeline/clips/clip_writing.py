"""Clips written while they are decoded."""

import hashlib
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

import numpy as np

from lfdm_pipeline.clips.geometry import Frame
from lfdm_pipeline.storage import is_remote, upload


class ClipWriter:
    """Writes the file of a clip frame by frame, so that a clip of any length takes no memory; keeps it whole or not."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # As all files still being written, with a leading dot; on this machine, since the header is written last.
        name = f".{path.name}"
        self._temporary = Path(mkdtemp(prefix="lfdm-"), name) if is_remote(path) else path.with_name(name)
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()
        self._shape: tuple[int, ...] = ()
        self.num_frames = 0

    def append(self, frame: Frame) -> None:
        """Add a frame, uint8 (H, W, 3), of the size of those before it."""
        if self._file is None:
            self._temporary.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._temporary.open("wb")
            self._shape = frame.shape
            self._write_header(self._file)
        data = np.ascontiguousarray(frame).data
        self._file.write(data)
        self._digest.update(data)
        self.num_frames += 1

    def keep(self) -> str:
        """Give the file its name; returns a hash of the frames."""
        assert self._file is not None
        self._file.seek(0)
        self._write_header(self._file)
        self._file.close()
        if is_remote(self._path):
            upload(self._temporary, self._path)
        else:
            self._temporary.replace(self._path)
        return self._digest.hexdigest()[:32]

    def discard(self) -> None:
        """Remove what was written and not kept."""
        if self._file is not None:
            # What is still to be written may not fit the disk, and is not wanted.
            with suppress(OSError):
                self._file.close()
            self._temporary.unlink(missing_ok=True)
        if is_remote(self._path):
            self._temporary.parent.rmdir()

    def _write_header(self, file: BinaryIO) -> None:
        # NumPy leaves room for any number of frames, so that both headers have the same length.
        shape = (self.num_frames, *self._shape)
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
