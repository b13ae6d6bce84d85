"""
Rows of 128 numbers that the processor handles as vectors (向量化行).

Numba compiles loops over short rows with checks and branches that take most of the time.
These operations are given to LLVM as vectors instead; it cuts them to what the machine
has (AVX-512, AVX2, SSE, NEON). Rows are those of a contiguous table whose numbers are
``uint16`` or ``int32``; "infinite" is the greatest ``uint16``, or the ceiling of ticks.
"""

from typing import TYPE_CHECKING, Any, Final

from llvmlite import ir
from numba import extending, types
from numba.core import cgutils as untyped_tools

from ctzgis.network.engine.graph import CEILING_TICKS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["LANES", "add_within", "clear", "greatest", "pull", "relate", "relax"]

LANES: Final = 128

# Numba calls these with the types of the arguments, and their code with the values.
# ruff: noqa: ARG001
_LONG: Final = ir.IntType(64)
_INT: Final = ir.IntType(32)
_WORD: Final = 16

tools: Final[Any] = untyped_tools


def intrinsic(operation: "Callable[..., Any]") -> Any:
    """Make an operation known to Numba, whose own decorator has no types."""
    return extending.intrinsic(operation)


def _vector(bits: int) -> Any:
    """Return the type of a row."""
    return ir.VectorType(ir.IntType(bits), LANES)


def _bits(rows: Any) -> int:
    """Return the width of a table's numbers."""
    return int(rows.dtype.bitwidth)


def _infinite(bits: int) -> Any:
    """Return a row of infinite numbers."""
    value = 2**_WORD - 1 if bits == _WORD else CEILING_TICKS
    return ir.Constant(_vector(bits), [value] * LANES)


def _spread(builder: Any, value: Any) -> Any:
    """Return a row that holds one number in all lanes."""
    row = ir.VectorType(value.type, LANES)
    none = ir.Constant(row, ir.Undefined)
    first = builder.insert_element(none, value, ir.Constant(_INT, 0))
    every = ir.Constant(ir.VectorType(_INT, LANES), [0] * LANES)
    return builder.shuffle_vector(first, none, every)


def _start(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Return where an array's numbers begin."""
    return context.make_array(kind)(context, builder, array).data


def _row(builder: Any, data: Any, at: Any, element: Any) -> Any:
    """Return where a row of a table begins."""
    first = builder.bitcast(data, element.as_pointer())
    place = builder.gep(first, [builder.mul(at, ir.Constant(_LONG, LANES))])
    return builder.bitcast(place, ir.VectorType(element, LANES).as_pointer())


def _load(builder: Any, place: Any, align: int) -> Any:
    row = builder.load(place)
    row.align = align
    return row


def _store(builder: Any, row: Any, place: Any, align: int) -> None:
    builder.store(row, place).align = align


def _least(builder: Any, left: Any, right: Any) -> Any:
    return builder.select(builder.icmp_unsigned("<", left, right), left, right)


def _later(builder: Any, row: Any, ticks: Any, bits: int) -> Any:
    """Return a row of times raised by as many ticks; infinite ones stay so."""
    by = _spread(builder, ticks)
    if bits != _WORD:
        return builder.add(row, by)
    kind = ir.FunctionType(row.type, [row.type, row.type])
    name = f"llvm.uadd.sat.v{LANES}i{bits}"
    saturating = tools.get_or_insert_function(builder.module, kind, name)
    return builder.call(saturating, [row, by])


@intrinsic
def clear(_: Any, rows: Any, at: Any) -> Any:
    """Make a row infinite: ``clear(rows, at)``."""
    bits = _bits(rows)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = _start(context, builder, signature.args[0], given[0])
        place = _row(builder, data, given[1], ir.IntType(bits))
        _store(builder, _infinite(bits), place, bits // 8)
        return context.get_dummy_value()

    return types.void(rows, types.int64), code


@intrinsic
def pull(_: Any, rows: Any, at: Any, source: Any, ticks: Any) -> Any:
    """Lower a row to another and ticks: ``pull(rows, at, source, ticks)``."""
    bits = _bits(rows)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = _start(context, builder, signature.args[0], given[0])
        element = ir.IntType(bits)
        place = _row(builder, data, given[1], element)
        other = _load(builder, _row(builder, data, given[2], element), bits // 8)
        by = builder.trunc(given[3], element)
        later = _later(builder, other, by, bits)
        lower = _least(builder, later, _load(builder, place, bits // 8))
        _store(builder, lower, place, bits // 8)
        return context.get_dummy_value()

    return types.void(rows, types.int64, types.int64, types.int64), code


@intrinsic
def relax(
    _: Any, rows: Any, at: Any, sources: Any, ticks: Any, first: Any, after: Any
) -> Any:
    """
    Make a row the least of others and ticks.

    ``relax(rows, at, sources, ticks, first, after)`` takes arcs ``first`` up to
    ``after``; ``sources`` and ``ticks`` are ``int32``.
    """
    bits = _bits(rows)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = _start(context, builder, signature.args[0], given[0])
        from_ = _start(context, builder, signature.args[2], given[2])
        by = _start(context, builder, signature.args[3], given[3])
        element = ir.IntType(bits)
        best = tools.alloca_once(builder, _vector(bits))
        builder.store(_infinite(bits), best)
        one = ir.Constant(_LONG, 1)
        with tools.for_range_slice(builder, given[4], given[5], one) as (arc, _):
            source = builder.sext(builder.load(builder.gep(from_, [arc])), _LONG)
            late = builder.load(builder.gep(by, [arc]))
            if bits != _INT.width:
                late = builder.trunc(late, element)
            other = _load(builder, _row(builder, data, source, element), bits // 8)
            later = _later(builder, other, late, bits)
            builder.store(_least(builder, later, builder.load(best)), best)
        place = _row(builder, data, given[1], element)
        _store(builder, builder.load(best), place, bits // 8)
        return context.get_dummy_value()

    long = types.int64
    return types.void(rows, long, sources, ticks, long, long), code


@intrinsic
def greatest(_: Any, rows: Any, at: Any) -> Any:
    """Return the greatest of a row of ``int32``: ``greatest(rows, at)``."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = _start(context, builder, signature.args[0], given[0])
        row = _load(builder, _row(builder, data, given[1], _INT), 4)
        kind = ir.FunctionType(_INT, [row.type])
        name = f"llvm.vector.reduce.smax.v{LANES}i32"
        reduce = tools.get_or_insert_function(builder.module, kind, name)
        return builder.call(reduce, [row])

    return types.int32(rows, types.int64), code


@intrinsic
def relate(_: Any, rows: Any, at: Any, times: Any, source: Any, base: Any) -> Any:
    """
    Copy a row of ``int32`` times, less a base that none is below.

    ``relate(rows, at, times, source, base)``; what does not fit becomes infinite.
    """
    bits = _bits(rows)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        data = _start(context, builder, signature.args[0], given[0])
        other = _start(context, builder, signature.args[2], given[2])
        row = _load(builder, _row(builder, other, given[3], _INT), 4)
        row = builder.sub(row, _spread(builder, builder.trunc(given[4], _INT)))
        if bits == _WORD:
            most = ir.Constant(_vector(32), [2**_WORD - 1] * LANES)
            row = builder.trunc(_least(builder, row, most), _vector(bits))
        place = _row(builder, data, given[1], ir.IntType(bits))
        _store(builder, row, place, bits // 8)
        return context.get_dummy_value()

    return types.void(rows, types.int64, times, types.int64, types.int64), code


@intrinsic
def add_within(
    _: Any, sums: Any, to: Any, rows: Any, at: Any, limit: Any, value: Any
) -> Any:
    """
    Add a value in the lanes where a row is within a limit.

    ``add_within(sums, to, rows, at, limit, value)``; ``sums`` is ``float64``.
    """
    bits = _bits(rows)

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        double = ir.DoubleType()
        total = _start(context, builder, signature.args[0], given[0])
        data = _start(context, builder, signature.args[2], given[2])
        element = ir.IntType(bits)
        row = _load(builder, _row(builder, data, given[3], element), bits // 8)
        limit = _spread(builder, builder.trunc(given[4], element))
        inside = builder.icmp_unsigned("<=", row, limit)
        place = _row(builder, total, given[1], double)
        nothing = ir.Constant(ir.VectorType(double, LANES), [0.0] * LANES)
        more = builder.select(inside, _spread(builder, given[5]), nothing)
        _store(builder, builder.fadd(_load(builder, place, 8), more), place, 8)
        return context.get_dummy_value()

    long = types.int64
    return types.void(sums, long, rows, long, long, types.float64), code
