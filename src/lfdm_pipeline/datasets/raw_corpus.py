"""The corpus as distributed."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from kedro.io import AbstractDataset

from lfdm_pipeline.datasets.artifact import ArtifactError
from lfdm_pipeline.datasets.fingerprint import digest
from lfdm_pipeline.storage import is_remote, to_path

STATES = ("ETag", "md5Hash", "etag", "LastModified", "mtime", "created")
"""What storages say of a file's content, or else of when it was changed, by preference."""


class RawCorpusDataset(AbstractDataset[Path, Path]):
    """The folder of a corpus; never written to, so it has no manifest: its listing stands for its content.

    Kedro treats it as something to be prepared whenever it is needed (`_EPHEMERAL`): preparing checks it, and
    is done at once where nothing is to be made.
    """

    _EPHEMERAL = True

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self.path = to_path(filepath)
        self.metadata = metadata
        self._listing: str | None = None

    def load(self) -> Path:
        """The folder.

        Raises:
            ArtifactError: it is not there.
        """
        if not self.path.is_dir():
            raise ArtifactError(
                f"no raw corpus at {self.path}; put it there, or give its folder by --params raw_root=…"
            )
        return self.path

    def save(self, data: Path) -> None:
        """Take note that the corpus was prepared.

        Raises:
            ArtifactError: it is not there.
        """
        self._listing = None
        self.load()

    def source_fingerprint(self) -> str | None:
        """Digest of relative path, size and modification of all files; None where there is no folder."""
        if not self.path.is_dir():
            return None
        if self._listing is None:
            listing = _remote_listing(self.path) if is_remote(self.path) else _listing(self.path, self.path)
            self._listing = digest(sorted(listing))
        return self._listing

    def _exists(self) -> bool:
        return self.path.is_dir()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self.path)}


def _listing(root: Path, folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            # Names with a leading dot are a file browser's, or files still being written.
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from _listing(root, Path(entry.path))
            else:
                status = entry.stat()
                yield Path(entry.path).relative_to(root).as_posix(), status.st_size, status.st_mtime_ns


def _remote_listing(root: Path) -> Iterator[tuple[str, int, str]]:
    remote = cast(Any, root)
    for path, info in remote.fs.find(remote.path, detail=True).items():
        name = path.removeprefix(remote.path).lstrip("/")
        if not any(part.startswith(".") for part in name.split("/")):
            yield name, info["size"], str(next((info[key] for key in STATES if key in info), ""))
