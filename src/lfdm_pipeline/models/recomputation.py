"""Large temporaries kept in the processor's cache: work in chunks, recomputed for the gradient."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.amp import custom_bwd, custom_fwd

Chunk: TypeAlias = tuple[slice, ...]


def recompute_in_chunks(
    function: Callable[..., Tensor], chunked: Sequence[Tensor], shared: Sequence[Tensor], chunks: Sequence[Chunk]
) -> Tensor:
    """Compute `function(*chunked, *shared)` chunk by chunk, keeping only its inputs for the gradient.

    An attention over a video makes temporaries an order of magnitude larger than its input. On a CPU they cost
    more in memory traffic and page faults than in arithmetic: small chunks of them stay in the cache, and computing
    them twice is cheaper than storing them. Other devices compute the whole at once.

    Args:
        function: Gives an output of the shape of its first argument, each chunk independent of the others.
        chunked: Tensors that are indexed by each chunk.
        shared: Tensors that every chunk needs whole, such as weights.
        chunks: Indices that together cover the chunked tensors once.

    Returns:
        A tensor of the shape and type of `chunked[0]`.
    """
    if chunked[0].device.type != "cpu":
        return function(*chunked, *shared)
    result: Tensor = _InChunks.apply(function, len(chunked), tuple(chunks), *chunked, *shared)
    return result


class _InChunks(torch.autograd.Function):
    @staticmethod
    @custom_fwd(device_type="cpu")
    def forward(
        ctx: Any, function: Callable[..., Tensor], count: int, chunks: tuple[Chunk, ...], *tensors: Tensor
    ) -> Tensor:
        ctx.function, ctx.count, ctx.chunks = function, count, chunks
        ctx.save_for_backward(*tensors)
        out = torch.empty_like(tensors[0])
        for chunk in chunks:
            out[chunk] = function(*(tensor[chunk] for tensor in tensors[:count]), *tensors[count:])
        return out

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        count, tensors = ctx.count, ctx.saved_tensors
        wanted = [i for i, needed in enumerate(ctx.needs_input_grad[3:]) if needed]
        sums: list[Tensor | None] = [None] * len(tensors)
        for i in wanted:
            sums[i] = torch.empty_like(tensors[i]) if i < count else torch.zeros_like(tensors[i])
        leaves = [tensor.detach().requires_grad_(i in wanted) for i, tensor in enumerate(tensors)]
        for chunk in ctx.chunks:
            parts = [leaf.detach()[chunk].requires_grad_(leaf.requires_grad) for leaf in leaves[:count]] + leaves[count:]
            with torch.enable_grad():
                out = ctx.function(*parts)
            found = torch.autograd.grad(out, [parts[i] for i in wanted], grad[chunk].to(out.dtype))
            for i, part in zip(wanted, found, strict=True):
                total = sums[i]
                assert total is not None
                if i < count:
                    total[chunk] = part
                else:
                    total += part
        return None, None, None, *sums
