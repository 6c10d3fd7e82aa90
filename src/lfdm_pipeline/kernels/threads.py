"""Compiled loops in torch's own threads: others would fight with those for the cores."""

import ctypes
import inspect
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any

import torch
from llvmlite import binding, ir
from numba import cfunc, njit, types
from torch import Tensor

from lfdm_pipeline.kernels.compilation import kept_compilations
from lfdm_pipeline.kernels.vectors import instruction

_part = types.ExternalFunction("lfdm_part", types.int32())
_parts = types.ExternalFunction("lfdm_parts", types.int32())
_arguments = types.CPointer(types.int64)


def in_threads(loop: Callable[..., None]) -> Callable[..., None]:
    """Have a loop run in every thread of torch.

    Args:
        loop: Receives which part of how many it is, and then what it is called with: addresses and numbers, int64.

    Returns:
        What is called without the first two, with contiguous CPU tensors in the place of addresses.
    """
    count = len(inspect.signature(loop).parameters)

    @cache
    def compiled() -> int:
        with kept_compilations() as keep:
            function = njit((types.int64,) * count, error_model="numpy", cache=keep)(loop)
        (version,) = function.overloads.values()
        return version.library.get_pointer_to_function(version.fndesc.llvm_cfunc_wrapper_name)

    @torch.compiler.disable
    @wraps(loop)
    def run(*arguments: Tensor | int) -> None:
        given = (a.data_ptr() if isinstance(a, Tensor) else a for a in arguments)
        memory = (ctypes.c_int64 * (count - 1))(compiled(), *given)
        _openmp()(_caller(count), memory, torch.get_num_threads(), 0)

    return run


@cache
def _caller(count: int) -> int:
    """Return the address of what calls a loop of so many arguments in one thread, given its address and theirs."""

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

    _callers.append(entry)
    return entry.address


_callers: list[Any] = []


@cache
def _openmp() -> Callable[[int, Any, int, int], None]:
    """Return how to run a function in all threads, after making known which of them is asking."""
    found = sorted((Path(torch.__file__).parent / "lib").glob("libgomp*"))
    if not found:
        return _alone()
    library = ctypes.CDLL(str(found[0]))
    _name("lfdm_part", library.omp_get_thread_num)
    _name("lfdm_parts", library.omp_get_num_threads)
    run = library.GOMP_parallel
    run.argtypes, run.restype = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint), None
    return run


def _alone() -> Callable[[int, Any, int, int], None]:
    """Return the same for a torch whose threads are not GNU's: in this thread alone."""
    for name, answer in (("lfdm_part", 0), ("lfdm_parts", 1)):
        _name(name, _constants.setdefault(name, ctypes.CFUNCTYPE(ctypes.c_int)(lambda answer=answer: answer)))
    return lambda address, arguments, threads, flags: ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)(arguments)


_constants: dict[str, Any] = {}


def _name(name: str, function: Any) -> None:
    binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
