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
