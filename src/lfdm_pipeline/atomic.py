"""Files that are either whole or absent."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any, cast

from lfdm_pipeline.storage import is_remote, reading, upload

# The names that `replacing` gives.
_TEMPORARY = re.compile(r"\..+-[a-z0-9_]{8}(\.[^.]+)?")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary file of this machine; on success it becomes `path`, on failure it is removed.

    Beside a local `path` it is renamed, to a remote one it is uploaded. The temporary name keeps the suffix, since
    writers of arrays and videos choose the format by it.
    """
    if is_remote(path):
        with tempfile.TemporaryDirectory(prefix="lfdm-") as folder:
            temporary = Path(folder, path.name)
            yield temporary
            upload(temporary, path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def share(source: Path, target: Path) -> None:
    """Let `target` have the content of `source`, without another copy of it where the file system can.

    Artifacts' files are only ever replaced as a whole, so two names may share one content.
    """
    if is_remote(source) and is_remote(target):
        remote = cast(Any, target)
        remote.fs.cp_file(cast(Any, source).path, remote.path)
    elif is_remote(source) or is_remote(target) or not _link(source, target):
        with replacing(target) as temporary, reading(source) as file:
            shutil.copyfile(file, temporary)


def _link(source: Path, target: Path) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)
    except OSError:
        # Another disk, or one without links.
        return False
    return True


def remove_leftovers(path: Path) -> None:
    """Remove what killed processes left of a file, or within a folder, that nothing else writes now."""
    if is_remote(path):
        # What is on its way there is a temporary file of the machine that sends it.
        return
    left = path.rglob(".*") if path.is_dir() else path.parent.glob(f".{escape(path.stem)}-*")
    for file in left:
        if _TEMPORARY.fullmatch(file.name):
            file.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
