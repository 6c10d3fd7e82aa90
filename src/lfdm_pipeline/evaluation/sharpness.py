"""How sharp pictures are."""

import torch
import torch.nn.functional as F
from torch import Tensor

_LUMA = (0.299, 0.587, 0.114)
_LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def sharpness(images: Tensor) -> Tensor:
    """Return the mean absolute Laplacian of the brightness of images (..., 3, H, W): shape (...).

    To be read against that of the true images: a ratio below one is blur, above one is noise.
    """
    brightness = (images * images.new_tensor(_LUMA)[:, None, None]).sum(dim=-3)
    kernel = images.new_tensor(_LAPLACIAN)[None, None]
    edges = F.conv2d(brightness.reshape(-1, 1, *images.shape[-2:]), kernel)
    return edges.abs().mean(dim=(1, 2, 3)).reshape(images.shape[:-3])


def relative_sharpness(images: Tensor, truth: Tensor) -> Tensor:
    """Return the sharpness of clips (B, K, 3, H, W) as a share of the true clips': shape (B,)."""
    found, real = (sharpness(clips).mean(dim=1) for clips in (images, truth))
    return found / real.clamp(min=torch.finfo(real.dtype).eps)
