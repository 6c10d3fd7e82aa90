"""What tells that a recording has changed, without reading it."""

import hashlib
from pathlib import Path

from lfdm_pipeline.clips.picture_reading import list_pictures


def state_of(path: Path) -> str:
    """Digest of size and modification time of a video file, or of all pictures in a folder and their names.

    Raises:
        OSError: It is not there.
    """
    digest = hashlib.blake2b(digest_size=16)
    for file in list_pictures(path) if path.is_dir() else [path]:
        stat = file.stat()
        digest.update(f"{file.name}\0{stat.st_size}\0{stat.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()
