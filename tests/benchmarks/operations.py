"""Operations of the compiled loops, which torch's counter does not see: two for each product, as it counts them."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch


def _attend_in_time(a: Any) -> int:
    projected, attended = a.frames * a.channels * 3 * a.dim, 2 * a.frames**2 * a.dim
    return a.batch * a.positions * a.heads * (projected + attended + a.frames * a.dim * a.channels)


def _attend_in_time_gradient(a: Any) -> int:
    projections, outward = 3 * a.frames * a.channels * 3 * a.dim, 2 * a.frames * a.dim * a.channels
    return a.batch * a.positions * a.heads * (projections + outward + 6 * a.frames**2 * a.dim)


def _attend_in_space(a: Any) -> int:
    return a.count * a.heads * a.channels * a.dim * (4 * a.rows + 2 * a.dim)


def _attend_in_space_gradient(a: Any) -> int:
    return a.count * a.heads * a.channels * a.dim * (13 * a.rows + 7 * a.dim)


def _multiply_windows(a: Any) -> int:
    """A tile is seen through a window of 6x6 points."""
    return a.count * 36 * a.channels * a.out


OPERATIONS: dict[str, Callable[[Any], int]] = {
    "temporal_attention.attend": _attend_in_time,
    "temporal_attention_gradient.attend_gradient": _attend_in_time_gradient,
    "linear_attention.attend": _attend_in_space,
    "linear_attention_gradient.attend_gradient": _attend_in_space_gradient,
    "winograd.convolve_windows": _multiply_windows,
    "winograd_gradient.add_gradient": _multiply_windows,
}


@contextmanager
def counted() -> Iterator[list[int]]:
    """Within, each call of a compiled loop appends the operations that it carries out."""
    found: list[int] = []
    with ExitStack() as patches:
        for path, operations in OPERATIONS.items():
            module, name = path.split(".")
            where = import_module(f"lfdm_pipeline.kernels.{module}")
            call = partial(_count, getattr(where, name), operations, found)
            patches.enter_context(patch.object(where, name, call))
        yield found


def _count(
    loop: Callable[..., None], operations: Callable[[Any], int], found: list[int], *given: Any, **options: Any
) -> None:
    # The first two are the part that a thread is.
    names = list(inspect.signature(loop).parameters)[2:]
    found.append(2 * operations(SimpleNamespace(**dict(zip(names, given, strict=True)))))
    loop(*given, **options)
