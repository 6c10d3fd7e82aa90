"""Where the clips that a command asks for are kept, and what may be made of them."""

import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from kedro.pipeline.node import Node

from lfdm_pipeline.datasets.named_models import file_fingerprint
from lfdm_pipeline.errors import InputError

TEST_SUBJECTS = "test_subjects"
GENERATED = frozenset({"generated_clips", "generated_table", "generation_timing"})
"""Entries that scores, report and showcase are made from."""


def request_folder(generation: Mapping[str, Any] | None) -> str:
    """Return the folder of the scored clips, or one that belongs to a picture and all that is asked of it.

    Args:
        generation: what the command says about generation; None where it says nothing.
    """
    said = generation or {}
    if said.get("image") is None:
        return TEST_SUBJECTS
    image = str(said["image"])
    # Nothing that was made is to make room for what is asked now. How many are sampled together changes no clip.
    shaping = {name: value for name, value in said.items() if name != "batch_size"}
    asked = json.dumps([{**shaping, "image": image}, file_fingerprint(image)], default=_plain, sort_keys=True)
    return f"{PurePosixPath(image).stem}-{zlib.crc32(asked.encode()):08x}"


def check_requests(nodes: Iterable[Node], parameters: Mapping[str, Any], said: Mapping[str, Any]) -> None:
    """Make sure that clips of a picture take the place neither of the scored clips nor of their scores.

    Args:
        nodes: that are to run.
        parameters: checked and nested.
        said: what the command itself says of them.

    Raises:
        InputError: they would.
    """
    image = parameters.get("generation", {}).get("image")
    # A part has no output but what lies in its workspace.
    involved = [node for node in nodes if (GENERATED | {"generated_workspace"}) & {*node.inputs, *node.outputs}]
    if image is None or not involved:
        return
    if (said.get("generation") or {}).get("image") is None:
        raise InputError(
            f"generation.image is {image} in a file of the configuration, where it would replace the test subjects' "
            f"clips: set it to null there, and give it by --params generation.image={image}"
        )
    if any(GENERATED & set(node.inputs) for node in involved):
        raise InputError(
            f"generation.image is {image}: scores, report and showcase are those of the test subjects' clips, and "
            "would be replaced by those of one picture's; add --pipelines generation"
        )


def _plain(configured: Any) -> Any:
    return dict(configured) if isinstance(configured, Mapping) else list(configured)
