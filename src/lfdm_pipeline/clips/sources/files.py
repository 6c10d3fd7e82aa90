"""What lies in a raw corpus."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, cast

from lfdm_pipeline.storage import is_remote


@dataclass(frozen=True)
class Folder:
    """A folder below a corpus' root and what lies directly in it, by name; hidden names are left out."""

    path: PurePosixPath
    """Relative to the root."""
    folders: tuple[str, ...]
    files: tuple[str, ...]

    def sources(self) -> Iterator[str]:
        """Its files relative to the root."""
        for name in self.files:
            yield (self.path / name).as_posix()


def walk(root: Path) -> Iterator[Folder]:
    """All folders under a root, itself first, in the order of their names; links are followed."""
    for path, folders, files in _walk_remotely(root) if is_remote(root) else os.walk(root, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        visible = sorted(name for name in files if not name.startswith("."))
        relative = PurePosixPath(path if is_remote(root) else Path(path).relative_to(root).as_posix())
        yield Folder(relative, tuple(folders), tuple(visible))


def _walk_remotely(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """As `os.walk`, but with paths relative to the root."""
    remote = cast(Any, root)
    for path, folders, files in remote.fs.walk(remote.path):
        yield path.removeprefix(remote.path).strip("/"), folders, list(files)


def suffix(name: str) -> str:
    """Ending of a file's name in lower case, with its dot."""
    return PurePosixPath(name).suffix.lower()
