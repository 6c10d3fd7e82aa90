"""A frozen network's batch norms made part of its convolutions."""

from copy import deepcopy
from typing import TypeVar

from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lfdm_pipeline.models.layers import SameBlock

M = TypeVar("M", bound=nn.Module)


def folded(network: M) -> M:
    """A copy in eval mode that computes the same, to rounding, without the passes over memory of its batch norms.

    Only where the norm follows its convolution: in residual blocks, which stand in the generator alone, it does not.
    """
    copy = deepcopy(network).eval()
    for block in copy.modules():
        if isinstance(block, SameBlock):
            block.conv = fuse_conv_bn_eval(block.conv, block.norm)
            block.add_module("norm", nn.Identity())
    return copy
