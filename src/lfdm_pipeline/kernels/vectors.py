"""Vectors of floats in compiled loops: what a processor's registers hold, with `+`, `-`, `*` and `/`.

Memory is given by its address, an index counts floats from there. Products and sums may be fused.
"""

import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numba
import torch
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, overload, register_model

LANES = 16 if torch.backends.cpu.get_cpu_capability() == "AVX512" else 8
"""Floats of a vector."""

_INDEX, _FLOAT, _DOUBLE, _INTEGER = ir.IntType(64), ir.FloatType(), ir.DoubleType(), ir.IntType(32)
_FLOATS, _DOUBLES, _INTEGERS = (ir.VectorType(kind, LANES) for kind in (_FLOAT, _DOUBLE, _INTEGER))
_FUSED = ("contract",)


class _Vector(types.Type):
    def __init__(self) -> None:
        super().__init__("vector")


_vector = _Vector()


@register_model(_Vector)
class _Register(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _FLOATS)


def instruction(result: Any, *arguments: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make what compiled loops can call out of a function of a builder and values.

    Args:
        result: Its type.
        *arguments: Theirs.
    """

    def decorate(emit: Callable[..., Any]) -> Any:
        def typing(context: Any, *given: Any) -> Any:
            def generate(_context: Any, builder: Any, _signature: Any, values: Sequence[Any]) -> Any:
                value = emit(builder, *values)
                return cgutils.get_null_value(_INTEGER.as_pointer()) if value is None else value

            return result(*arguments), generate

        # Numba reads from the signature how many arguments there are.
        typing.__signature__ = inspect.signature(emit)  # type: ignore[attr-defined]
        return intrinsic(typing)

    return decorate


def _pointer(builder: Any, address: Any, index: Any, kind: Any, size: int = 4) -> Any:
    return builder.inttoptr(builder.add(address, builder.mul(index, _INDEX(size))), kind.as_pointer())


def _constant(values: Sequence[float], kind: Any) -> Any:
    return ir.Constant(kind, list(values))


def _call(builder: Any, name: str, result: Any, *values: Any) -> Any:
    kind = ir.FunctionType(result, [value.type for value in values])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)


def read(builder: Any, address: Any, index: Any) -> Any:
    """Return the vector that starts at an index, where instructions are built."""
    return builder.load(_pointer(builder, address, index, _FLOATS), align=4)


def read_spread(builder: Any, address: Any, index: Any) -> Any:
    """Return a vector of one float everywhere, where instructions are built."""
    return _spread(builder, builder.load(_pointer(builder, address, index, _FLOAT)), _FLOATS)


def write(builder: Any, address: Any, index: Any, vector: Any) -> None:
    """Write a vector, where instructions are built."""
    builder.store(vector, _pointer(builder, address, index, _FLOATS), align=4)


def multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, where instructions are built."""
    return _call(builder, f"llvm.fmuladd.v{LANES}f32", _FLOATS, a, b, c)


@instruction(_vector, types.int64, types.int64)
def load(builder: Any, address: Any, index: Any) -> Any:
    """Return the vector that starts at an index."""
    return read(builder, address, index)


@instruction(types.void, types.int64, types.int64, _vector)
def store(builder: Any, address: Any, index: Any, vector: Any) -> None:
    """Write a vector."""
    write(builder, address, index, vector)


def _mask(builder: Any, count: Any) -> Any:
    lanes = _constant(range(LANES), _INTEGERS)
    return builder.icmp_signed("<", lanes, _spread(builder, builder.trunc(count, _INTEGER), _INTEGERS))


@instruction(_vector, types.int64, types.int64, types.int64)
def load_first(builder: Any, address: Any, index: Any, count: Any) -> Any:
    """Return a vector of `count` floats and zeros."""
    pointer, none = _pointer(builder, address, index, _FLOATS), _constant([0.0] * LANES, _FLOATS)
    name = f"llvm.masked.load.v{LANES}f32.p0v{LANES}f32"
    return _call(builder, name, _FLOATS, pointer, _INTEGER(4), _mask(builder, count), none)


@instruction(types.void, types.int64, types.int64, types.int64, _vector)
def store_first(builder: Any, address: Any, index: Any, count: Any, vector: Any) -> None:
    """Write the first `count` floats of a vector."""
    pointer = _pointer(builder, address, index, _FLOATS)
    name = f"llvm.masked.store.v{LANES}f32.p0v{LANES}f32"
    _call(builder, name, ir.VoidType(), vector, pointer, _INTEGER(4), _mask(builder, count))


@instruction(types.void, types.int64, types.int64, _vector)
def add_to_doubles(builder: Any, address: Any, index: Any, vector: Any) -> None:
    """Add a vector to as many doubles; here an index counts doubles."""
    pointer = _pointer(builder, address, index, _DOUBLES, size=8)
    total = builder.fadd(builder.load(pointer, align=8), builder.fpext(vector, _DOUBLES))
    builder.store(total, pointer, align=8)


@instruction(types.float64, types.int64, types.int64)
def double(builder: Any, address: Any, index: Any) -> Any:
    """Return one double; here an index counts doubles."""
    return builder.load(_pointer(builder, address, index, _DOUBLE, size=8))


@instruction(types.float32, types.int64, types.int64)
def value(builder: Any, address: Any, index: Any) -> Any:
    """Return one float."""
    return builder.load(_pointer(builder, address, index, _FLOAT))


@instruction(types.void, types.int64, types.int64, types.float32)
def put(builder: Any, address: Any, index: Any, number: Any) -> None:
    """Write one float."""
    builder.store(number, _pointer(builder, address, index, _FLOAT))


@instruction(types.void, types.int64, types.int64)
def prefetch(builder: Any, address: Any, index: Any) -> None:
    """Have what lies at an index brought into the first cache."""
    pointer = builder.bitcast(_pointer(builder, address, index, _FLOAT), ir.IntType(8).as_pointer())
    _call(builder, "llvm.prefetch.p0i8", ir.VoidType(), pointer, _INTEGER(0), _INTEGER(3), _INTEGER(1))


@instruction(_vector, types.float32)
def spread(builder: Any, number: Any) -> Any:
    """Return a vector of the same number everywhere."""
    return _spread(builder, number, _FLOATS)


def _spread(builder: Any, number: Any, kind: Any) -> Any:
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, _INTEGER(0))
    return builder.shuffle_vector(first, first, _constant([0] * LANES, _INTEGERS))


@instruction(types.void, *[types.int64] * 4)
def transpose_square(builder: Any, found: Any, found_row: Any, given: Any, given_row: Any) -> None:
    """Copy a matrix (LANES, LANES) to its transpose; `*_row` are the floats from a row to the next."""
    lines = [read(builder, given, builder.mul(given_row, _INDEX(r))) for r in range(LANES)]
    step = 1
    while step < LANES:
        upper = [LANES + i - step if i & step else i for i in range(LANES)]
        lower = [LANES + i if i & step else i + step for i in range(LANES)]
        for r in (r for r in range(LANES) if not r & step):
            pair = lines[r], lines[r + step]
            lines[r] = builder.shuffle_vector(*pair, _constant(upper, _INTEGERS))
            lines[r + step] = builder.shuffle_vector(*pair, _constant(lower, _INTEGERS))
        step *= 2
    for r, line in enumerate(lines):
        write(builder, found, builder.mul(found_row, _INDEX(r)), line)


@instruction(_vector, _vector)
def swap_pairs(builder: Any, vector: Any) -> Any:
    """Exchange each even lane with the next."""
    return builder.shuffle_vector(vector, vector, _constant([i ^ 1 for i in range(LANES)], _INTEGERS))


@instruction(_vector, _vector, _vector)
def maximum(builder: Any, vector: Any, bound: Any) -> Any:
    """Return the larger of each two; what is not a number stays."""
    return builder.select(builder.fcmp_ordered("<", vector, bound), bound, vector)


@instruction(_vector, _vector, _vector)
def minimum(builder: Any, vector: Any, bound: Any) -> Any:
    """Return the smaller of each two; what is not a number stays."""
    return builder.select(builder.fcmp_ordered(">", vector, bound), bound, vector)


@instruction(types.float32, _vector)
def total(builder: Any, vector: Any) -> Any:
    """Return the sum of a vector."""
    return _fold(builder, vector, builder.fadd)


@instruction(types.float32, _vector)
def largest(builder: Any, vector: Any) -> Any:
    """Return the largest of a vector."""
    return _fold(builder, vector, lambda a, b: builder.select(builder.fcmp_ordered("<", a, b), b, a))


def _fold(builder: Any, vector: Any, combine: Callable[[Any, Any], Any]) -> Any:
    half = LANES // 2
    while half:
        turned = _constant([(i + half) % LANES for i in range(LANES)], _INTEGERS)
        vector = combine(vector, builder.shuffle_vector(vector, vector, turned))
        half //= 2
    return builder.extract_element(vector, _INTEGER(0))


@instruction(_vector, _vector)
def _floor(builder: Any, vector: Any) -> Any:
    return _call(builder, f"llvm.floor.v{LANES}f32", _FLOATS, vector)


@instruction(_vector, _vector)
def _power_of_two(builder: Any, vector: Any) -> Any:
    """Return 2 to the power of whole numbers of -126 to 127."""
    biased = builder.add(builder.fptosi(vector, _INTEGERS), _constant([127] * LANES, _INTEGERS))
    return builder.bitcast(builder.shl(biased, _constant([23] * LANES, _INTEGERS)), _FLOATS)


def _arithmetic(name: str, *symbols: Any) -> None:
    @instruction(_vector, _vector, _vector)
    def compute(builder: Any, a: Any, b: Any) -> Any:
        return getattr(builder, name)(a, b, flags=_FUSED)

    def of_vectors(a, b):  # type: ignore[no-untyped-def]  # numba compares it with the lambda's
        if isinstance(a, _Vector) and isinstance(b, _Vector):
            return lambda a, b: compute(a, b)
        return None

    for symbol in symbols:
        overload(symbol, inline="always")(of_vectors)


_arithmetic("fadd", operator.add, operator.iadd)
_arithmetic("fsub", operator.sub, operator.isub)
_arithmetic("fmul", operator.mul, operator.imul)
_arithmetic("fdiv", operator.truediv, operator.itruediv)


@numba.njit
def number(x: float) -> Any:
    """Return a vector of the same number everywhere."""
    return spread(numba.float32(x))


@numba.njit
def exp(x: Any) -> Any:
    """Return the exponential to two units in the last place, between exp(-87) and exp(88)."""
    x = minimum(maximum(x, number(-87.0)), number(88.0))
    n = _floor(x * number(1.4426950408889634) + number(0.5))
    # ln 2 in two parts, so that n times the first is exact.
    r = x - n * number(0.693359375) + n * number(2.12194440e-4)
    p = number(1.9875691500e-4)
    p = p * r + number(1.3981999507e-3)
    p = p * r + number(8.3334519073e-3)
    p = p * r + number(4.1665795894e-2)
    p = p * r + number(1.6666665459e-1)
    p = p * r + number(5.0000001201e-1)
    return (p * (r * r) + r + number(1.0)) * _power_of_two(n)
