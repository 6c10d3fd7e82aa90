"""How networks are prepared for speed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import nn

from lfdm_pipeline.models.layers import lay_out_channels_last


def laid_out(module: nn.Module, channels_last: bool | None, device: torch.device) -> None:
    """Lay out convolution weights channels-last where asked; on CUDA if nothing is said."""
    if device.type == "cuda" if channels_last is None else channels_last:
        lay_out_channels_last(module)


def lay_out_like_weights(optimiser: torch.optim.Optimizer) -> None:
    """Lay out every moment as its weight is, since the fused optimiser goes wrong silently where it is not."""
    for parameter, moments in optimiser.state.items():
        for name, value in moments.items():
            if value.shape == parameter.shape:
                moments[name] = torch.empty_like(parameter).copy_(value)


@contextmanager
def compiled(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Within, calls of the networks are compiled; a part that cannot be is run as it is, with a warning."""
    networks = list(networks)
    with torch._dynamo.config.patch(suppress_errors=True):
        for network in networks:
            network.compile()
        try:
            yield
        finally:
            for network in networks:
                network._compiled_call_impl = None
