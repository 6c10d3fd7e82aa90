"""Where a network's layers are computed by the loops of `lfdm_pipeline.kernels`."""

import torch
from torch import Tensor


def has_compiled_loops(x: Tensor) -> bool:
    """Whether a tensor lies where loops are compiled for; they compute in fp32, so doubles are left to torch."""
    return x.device.type == "cpu" and x.dtype != torch.double
