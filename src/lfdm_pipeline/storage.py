"""Places files lie in: folders of this machine, or whatever fsspec reaches."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

OBJECT_STORES = ("s3:", "s3a:", "gs:", "gcs:", "az:", "abfs:", "abfss:", "adl:")


def to_path(location: str | Path) -> Path:
    """The path of a location; that of a URL such as `s3://bucket/data` lies on the file system that fsspec has for it.

    A remote path is used like any other (`/`, `exists`, `read_text`, `rglob`, `unlink`, …), but no other library can
    open it: `reading` gives a file of this machine, `atomic.replacing` takes one. Credentials and endpoints come from
    the environment, so that child processes and every stage find the same.
    """
    if not isinstance(location, str):
        return location
    if "://" not in location:
        return Path(location)
    if location.startswith("file://"):
        return Path(location.removeprefix("file://"))
    # Imported only where it is needed: it takes a quarter of a second.
    from upath import UPath

    if location.startswith(OBJECT_STORES):
        # Remembered listings would lack what other processes write meanwhile.
        return cast(Path, UPath(location, use_listings_cache=False))
    return cast(Path, UPath(location))


def is_remote(path: Path) -> bool:
    """Whether a path lies on a file system that is not this machine's."""
    return not isinstance(path, Path)


@contextmanager
def reading(path: Path) -> Iterator[Path]:
    """Yield a file or folder of this machine with the content of `path`: itself, or a copy of that name for as long."""
    if not is_remote(path):
        yield path
        return
    with TemporaryDirectory(prefix="lfdm-") as folder:
        copy = Path(folder, path.name)
        download(path, copy)
        yield copy


def download(path: Path, copy: Path) -> None:
    """Copy a remote file, or a folder of them, onto this machine."""
    remote = cast(Any, path)
    if path.is_dir():
        remote.fs.get(f"{remote.path}/", f"{copy}/", recursive=True)
    else:
        remote.fs.get_file(remote.path, str(copy))


def upload(file: Path, path: Path) -> None:
    """Copy a file of this machine to a remote path; object stores show it whole or not at all."""
    remote = cast(Any, path)
    remote.fs.put_file(str(file), remote.path)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; no error where there is none."""
    if not folder.exists():
        return
    if is_remote(folder):
        remote = cast(Any, folder)
        remote.fs.rm(remote.path, recursive=True)
    else:
        shutil.rmtree(folder)


def copies_of(folder: Path, state: str) -> Path:
    """Where this machine keeps copies of files of a remote folder in the given state; those of other states go.

    Below `$LFDM_CACHE`, or `~/.cache/lfdm_pipeline` where that is not set.
    """
    root = Path(os.environ.get("LFDM_CACHE") or Path.home() / ".cache" / "lfdm_pipeline")
    copies = root / sha256(str(folder).encode()).hexdigest()[:16]
    for other in copies.glob("*"):
        if other.name != state:
            shutil.rmtree(other, ignore_errors=True)
    return copies / state
