"""From frames as kept to tensors as networks take them."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


def image_tensor(frame: npt.NDArray[np.uint8]) -> Tensor:
    """A frame uint8 (H, W, 3) as float32 (3, H, W) in [0, 1]."""
    return frames_tensor(frame[None])[0]


def frames_tensor(frames: npt.NDArray[np.uint8]) -> Tensor:
    """Frames uint8 (T, H, W, 3) as float32 (T, 3, H, W) in [0, 1]."""
    planes = np.ascontiguousarray(frames.transpose(0, 3, 1, 2))
    # A read-only map must be copied before torch may hold it.
    return torch.from_numpy(planes if planes.flags.writeable else planes.copy()).float().div_(255)


def clip_tensor(frames: npt.NDArray[np.uint8]) -> Tensor:
    """Frames uint8 (K, H, W, 3) as a clip float32 (3, K, H, W) in [0, 1]."""
    return frames_tensor(frames).transpose(0, 1).contiguous()
