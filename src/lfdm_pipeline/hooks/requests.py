"""Where the clips that a command asks for are kept."""

import json
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

TEST_SUBJECTS = "test_subjects"


def request_folder(generation: Mapping[str, Any] | None) -> str:
    """Return the folder of the scored clips, or one that belongs to a picture and the labels asked for it.

    Args:
        generation: what the command says about generation; None where it says nothing.
    """
    said = generation or {}
    if said.get("image") is None:
        return TEST_SUBJECTS
    # Two pictures may have the same name, and clips of other labels are not to take the place of those that are there.
    asked = json.dumps([str(said["image"]), said.get("labels")], default=list)
    return f"{PurePosixPath(str(said['image'])).stem}-{zlib.crc32(asked.encode()):08x}"
