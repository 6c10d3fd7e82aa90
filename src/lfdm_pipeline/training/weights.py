"""Where the weights of a training come from."""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import nn

from lfdm_pipeline.options import Options

Sizes = TypeVar("Sizes", bound=Options)
Network = TypeVar("Network", bound=nn.Module)


def make_network(network: Callable[[Sizes], Network], options: Sizes, seed: int) -> Network:
    """Build a network with weights drawn from `seed`: a function of (options, seed) alone."""
    torch.manual_seed(seed)
    return network(options)
