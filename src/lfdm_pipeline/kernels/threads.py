"""Compiled loops in torch's own threads: others would fight with those for the cores."""

import ctypes
import inspect
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import torch
from llvmlite import binding, ir
from numba import cfunc, types
from torch import Tensor

from lfdm_pipeline.kernels.compilation import compiled
from lfdm_pipeline.kernels.vectors import instruction

_part = types.ExternalFunction("lfdm_part", types.int32())
_parts = types.ExternalFunction("lfdm_parts", types.int32())
_arguments = types.CPointer(types.int64)


def in_threads(loop: Callable[..., None]) -> Callable[..., None]:
    """Have a loop run in every thread of torch.

    Args:
        loop: Receives which part of how many it is, and then what it is called with: addresses and numbers, int64.

    Returns:
        What is called without the first two, with contiguous CPU tensors in the place of addresses, and in fewer
        `threads` where asked. A process that was split from one whose threads have run cannot run them, as in torch.
    """
    count = len(inspect.signature(loop).parameters)

    @cache
    def address() -> int:
        (version,) = compiled(loop, (types.int64,) * count).overloads.values()
        return version.library.get_pointer_to_function(version.fndesc.llvm_cfunc_wrapper_name)

    @wraps(loop)
    def run(*arguments: Tensor | int, threads: int | None = None) -> None:
        if len(arguments) != count - 2:
            raise TypeError(f"{loop.__name__} takes {count - 2} arguments, got {len(arguments)}")
        memory = (ctypes.c_int64 * (count - 1))(address(), *map(_address_of, arguments))
        _openmp()(_caller(count).address, memory, threads or torch.get_num_threads(), 0)

    return run


def _address_of(argument: Tensor | int) -> int:
    if not isinstance(argument, Tensor):
        return argument
    if argument.device.type != "cpu" or argument.dtype not in (torch.float32, torch.double):
        raise TypeError(f"a loop takes floats on the CPU, got {argument.dtype} on {argument.device}")
    return argument.data_ptr()


def has_threads() -> bool:
    """Whether torch's threads are GNU's, which loops can run in; elsewhere they would have one core."""
    try:
        return bool(_openmp())
    except (OSError, AttributeError):
        return False


@cache
def _caller(count: int) -> Any:
    """Return what calls a loop of so many arguments in one thread, given its address and theirs."""

    @instruction(types.void, _arguments, types.int32, types.int32)
    def call(builder: Any, arguments: Any, part: Any, parts: Any) -> None:
        number = ir.IntType(64)
        loop, *given = (builder.load(builder.gep(arguments, [number(i)])) for i in range(count - 1))
        kind = ir.FunctionType(ir.VoidType(), [number] * count)
        own = [builder.sext(value, number) for value in (part, parts)]
        builder.call(builder.inttoptr(loop, kind.as_pointer()), [*own, *given])

    _openmp()

    @cfunc(types.void(_arguments))
    def entry(arguments: Any) -> None:
        call(arguments, _part(), _parts())

    return entry


@cache
def _openmp() -> Callable[[int, Any, int, int], None]:
    """Return how to run a function in all threads, after making known which of them is asking."""
    # Found through what torch itself is linked with: a second copy would have threads of its own.
    library = ctypes.CDLL(str(Path(torch.__file__).parent / "lib" / "libtorch_cpu.so"))
    _name("lfdm_part", library.omp_get_thread_num)
    _name("lfdm_parts", library.omp_get_num_threads)
    run = library.GOMP_parallel
    run.argtypes, run.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint), None
    return run


def _name(name: str, function: Any) -> None:
    binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
