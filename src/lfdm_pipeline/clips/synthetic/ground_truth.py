"""The exact flow of a rendered clip and its file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import reading


@dataclass(frozen=True)
class GroundTruth:
    """Backward flow of every frame to frame 0, and where what is seen was to be seen in frame 0."""

    flow: npt.NDArray[np.float32]
    """(T, H, W, 2): x and y in frame 0, [-1, 1] from the centre of the first pixel to that of the last."""
    visible: npt.NDArray[np.bool_]
    """(T, H, W)."""


def write_ground_truth(path: Path, truth: GroundTruth) -> None:
    """Keep a ground truth as `.npz`: displacement float16 and visibility in bits, whole or not at all."""
    displacement = truth.flow - identity_flow(*truth.flow.shape[1:3])
    with replacing(path) as temporary:
        np.savez_compressed(
            temporary,
            displacement=displacement.astype(np.float16),
            visible=np.packbits(truth.visible, axis=-1),
        )


def read_ground_truth(path: Path) -> GroundTruth:
    """Read what `write_ground_truth` kept; flows are exact to 0.0003 of the picture's half width.

    Raises:
        InputError: The file is absent or no ground truth.
    """
    try:
        with reading(path) as file, np.load(file) as kept:
            displacement, visible = kept["displacement"], kept["visible"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(f"{path} holds no ground truth ({error}): render the corpus again") from error
    height, width = displacement.shape[1:3]
    flow = displacement.astype(np.float32) + identity_flow(height, width)
    return GroundTruth(flow, np.unpackbits(visible, axis=-1, count=width).astype(np.bool_))


def identity_flow(height: int, width: int) -> npt.NDArray[np.float32]:
    """The flow of a picture that does not change, float32 (H, W, 2)."""
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return np.stack([x, y], axis=-1).astype(np.float32)
