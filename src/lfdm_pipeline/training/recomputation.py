"""Activation checkpointing: the inside of a block is computed again when its gradient is due."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

_Contexts = tuple[AbstractContextManager[None], AbstractContextManager[None]]


@contextmanager
def recomputed(network: nn.Module, kinds: tuple[type[nn.Module], ...]) -> Iterator[None]:
    """Within, blocks of these kinds keep nothing but their inputs for the gradient; results stay the same.

    Blocks inside such a block are left alone.
    """
    blocks = list(_outermost(network, kinds))
    for block in blocks:
        block.forward = partial(_checkpointed, block.forward, partial(_contexts, block))
    try:
        yield
    finally:
        for block in blocks:
            # What was set on the instance hid the method of its class.
            del block.forward


def _outermost(network: nn.Module, kinds: tuple[type[nn.Module], ...]) -> Iterator[nn.Module]:
    for child in network.children():
        if isinstance(child, kinds):
            yield child
        else:
            yield from _outermost(child, kinds)


def _checkpointed(forward: Callable[..., Any], contexts: Callable[[], _Contexts], *arguments: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*arguments)
    # No block draws random numbers, so their state need not be kept.
    return checkpoint(forward, *arguments, use_reentrant=False, preserve_rng_state=False, context_fn=contexts)


def _contexts(block: nn.Module) -> _Contexts:
    return nullcontext(), _statistics_as_they_are(block)


@contextmanager
def _statistics_as_they_are(block: nn.Module) -> Iterator[None]:
    """Within, a forward pass moves copies of the running statistics: the first pass moved them."""
    before = [(module, dict(module._buffers)) for module in block.modules() if module._buffers]
    for module, buffers in before:
        module._buffers.update({name: None if each is None else each.clone() for name, each in buffers.items()})
    try:
        yield
    finally:
        for module, buffers in before:
            module._buffers.update(buffers)
