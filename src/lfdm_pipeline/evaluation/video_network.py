"""The network whose features FVD compares: I3D as a TorchScript file."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from lfdm_pipeline.errors import InputError

Resize = Literal["network", "bilinear"]
INPUT_SIZE = 224  # what I3D was trained at


@dataclass(frozen=True)
class VideoNetwork:
    """An I3D network in the calling convention of the file that the field passes around (StyleGAN-V, 2022).

    Called as `network(clips, rescale=..., resize=..., return_features=True)`, it gives the features before the
    softmax, (B, 400) for Kinetics-400.

    Attributes:
        module: The network.
        sha256: Checksum of its file.
        resize: Who brings frames to 224x224: the network itself, or bilinear interpolation with the aspect kept
            and the middle cut out.
    """

    module: Any
    sha256: str
    resize: Resize

    def __call__(self, clips: Tensor) -> Tensor:
        """Describe clips (B, 3, K, H, W) in [0, 1] by features (B, D)."""
        own = self.resize == "network"
        prepared = clips * 255 if own else _middle(clips) * 2 - 1
        features: Tensor = self.module(prepared, rescale=own, resize=own, return_features=True)
        return features


def load_video_network(path: Path, sha256: str | None, resize: Resize, device: torch.device) -> VideoNetwork:
    """Open a TorchScript file.

    A TorchScript file is a program: opening it runs what its author wrote. So none is searched for or downloaded;
    the path is given by whoever trusts the file, and a checksum, where given, is compared before it is opened.

    Args:
        path: The file.
        sha256: Its expected checksum, hexadecimal; None accepts any.
        resize: Who brings frames to the network's size.
        device: Where to compute.

    Raises:
        InputError: There is no such file, it is another one than expected, or it is no TorchScript.
    """
    if not path.is_file():
        raise InputError(f"evaluation.fvd.network: there is no file {path.resolve()}; give the I3D TorchScript file")
    # Read once, so that what is opened is what was checked.
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if sha256 is not None and found != sha256.lower():
        raise InputError(
            f"evaluation.fvd.network: {path} has SHA-256 {found}, expected {sha256}: it was not opened; get the right "
            "file, or correct evaluation.fvd.sha256"
        )
    try:
        module = torch.jit.load(BytesIO(content), map_location=device)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"evaluation.fvd.network: {path} is not a TorchScript file ({reason})") from error
    return VideoNetwork(module.eval(), found, resize)


def _middle(clips: Tensor) -> Tensor:
    """Resize (B, 3, K, H, W) so that the shorter side is 224 and cut out the middle."""
    batch, channels, count, height, width = clips.shape
    scale = INPUT_SIZE / min(height, width)
    size = (max(INPUT_SIZE, round(height * scale)), max(INPUT_SIZE, round(width * scale)))
    frames = clips.transpose(1, 2).flatten(0, 1)
    resized = F.interpolate(frames, size=size, mode="bilinear", align_corners=False)
    top, left = (size[0] - INPUT_SIZE) // 2, (size[1] - INPUT_SIZE) // 2
    cut = resized[..., top : top + INPUT_SIZE, left : left + INPUT_SIZE]
    return cut.reshape(batch, count, channels, INPUT_SIZE, INPUT_SIZE).transpose(1, 2)
