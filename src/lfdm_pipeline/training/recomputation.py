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
    # A step may hold a network twice: as a whole, and what of it is trained.
    blocks = list(dict.fromkeys(_outermost(network, kinds)))
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
    # Weights may be lent for the first pass alone, as a domain's adapter lends its own.
    return nullcontext(), _second_pass(block, [dict(module._parameters) for module in block.modules()])


@contextmanager
def _second_pass(block: nn.Module, weights: list[dict[str, nn.Parameter | None]]) -> Iterator[None]:
    """Within, the block has these weights, and moves copies of the running statistics: the first pass moved them."""
    modules = list(block.modules())
    before = [(dict(module._parameters), dict(module._buffers)) for module in modules]
    for module, own in zip(modules, weights, strict=True):
        module._parameters.update(own)
        module._buffers.update({k: None if each is None else each.clone() for k, each in module._buffers.items()})
    try:
        yield
    finally:
        for module, (parameters, buffers) in zip(modules, before, strict=True):
            module._parameters.update(parameters)
            module._buffers.update(buffers)
