"""Many lines as one short text, for a page to unpack (坐标压缩)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "ALPHABET",
    "PackedLines",
    "is_packed",
    "packed",
    "packed_size",
    "unpacked",
]

ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
"""Digits of the text; none is special to JSON, HTML or JavaScript."""

_PACKED_FROM_POINTS: Final = 1_000
_BITS: Final = 5
_MORE: Final = 1 << _BITS
_MOST_DIGITS: Final = 13  # of five bits, for numbers of 64
_ORDER_BITS: Final = 16


@dataclass(frozen=True, slots=True)
class PackedLines:
    """
    Lines as a text.

    A line is the number of its points, then the steps east and north from point to
    point, in units of the last decimal; its first step starts where the line before
    ended. Steps are written with the sign as lowest bit, numbers in digits of five bits,
    the lowest first; a digit of 32 and more is not the last.

    Attributes
    ----------
    text
        The numbers.
    digits
        Decimals of degrees.
    lines, points
        How many there are.
    """

    text: str
    digits: int
    lines: int
    points: int


def packed(lines: "NDArray[Any]", *, digits: int) -> PackedLines:
    """
    Return lines as one text.

    Parameters
    ----------
    lines
        LineStrings in degrees. Neighbours in the plane become neighbours in the text;
        points that are the same after rounding are written once.
    digits
        Decimals of degrees to keep.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> road = shapely.LineString([(112.97613, 28.19949), (112.97622, 28.19955)])
    >>> packed(np.array([road]), digits=5)
    PackedLines(text='C60xxV62jsFSM', digits=5, lines=1, points=2)
    """
    numbers, counts = _numbers(np.asarray(lines, dtype=object), digits)
    sizes = _sizes(numbers)
    ends = np.cumsum(sizes)
    out = np.empty(ends[-1] if len(ends) else 0, dtype=np.uint8)
    letters = np.frombuffer(ALPHABET.encode(), dtype=np.uint8)
    for k in range(sizes.max(initial=0)):
        there = sizes > k
        more = np.where(sizes[there] > k + 1, _MORE, 0)
        value = ((numbers[there] >> (_BITS * k)) & (_MORE - 1)) | more
        out[ends[there] - sizes[there] + k] = letters[value]
    return PackedLines(
        text=out.tobytes().decode("ascii"),
        digits=digits,
        lines=len(counts),
        points=int(counts.sum()),
    )


def is_packed(shape: "BaseGeometry") -> bool:
    """Tell whether a shape goes into a page as packed lines rather than as GeoJSON."""
    points = int(shapely.get_num_coordinates(shape))
    return shape.geom_type.endswith("LineString") and points >= _PACKED_FROM_POINTS


def packed_size(lines: "NDArray[Any]", *, digits: int) -> int:
    """Return how many bytes :func:`packed` will need."""
    numbers, _ = _numbers(np.asarray(lines, dtype=object), digits)
    return int(_sizes(numbers).sum())


def unpacked(packed_lines: PackedLines) -> "NDArray[Any]":
    """
    Return the lines of a text, as a page unpacks them.

    Examples
    --------
    >>> unpacked(PackedLines("C60xxV62jsFSM", 5, 1, 2))[0].wkt
    'LINESTRING (112.97613 28.19949, 112.97622 28.19955)'
    """
    numbers: list[int] = []
    value = shift = 0
    for letter in packed_lines.text:
        digit = ALPHABET.index(letter)
        value |= (digit & (_MORE - 1)) << shift
        shift += _BITS
        if digit < _MORE:
            numbers.append(value)
            value = shift = 0
    lines, at, x, y = [], 0, 0, 0
    while at < len(numbers):
        points = []
        for k in range(numbers[at]):
            x += _signed(numbers[at + 1 + 2 * k])
            y += _signed(numbers[at + 2 + 2 * k])
            points.append((x, y))
        at += 1 + 2 * numbers[at]
        lines.append(np.round(np.array(points) / 10**packed_lines.digits, 9))
    return np.array([shapely.LineString(points) for points in lines], dtype=object)


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)


def _sizes(numbers: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return how many digits each number needs."""
    sizes = np.ones(len(numbers), dtype=np.int64)
    for k in range(1, _MOST_DIGITS):
        longer = (numbers >> (_BITS * k)) > 0
        if not longer.any():
            break
        sizes += longer
    return sizes


def _numbers(
    lines: "NDArray[Any]", digits: int
) -> tuple["NDArray[np.int64]", "NDArray[np.int64]"]:
    """Return what the text holds, and how many points each line has."""
    coordinates, owner = shapely.get_coordinates(lines, return_index=True)
    whole = np.rint(coordinates * 10**digits).astype(np.int64)
    whole, owner = _without_repeats(whole, owner)
    counts = np.bincount(owner, minlength=len(lines)).astype(np.int64)
    starts = np.cumsum(counts) - counts
    order = np.argsort(_curve_keys(whole[starts]), kind="stable")
    counts = counts[order]
    first = np.cumsum(counts) - counts
    points = np.arange(counts.sum()) + np.repeat(starts[order] - first, counts)
    steps = np.diff(whole[points], axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    signs_low = (steps << 1) ^ (steps >> 63)
    numbers = np.empty(2 * len(points) + len(counts), dtype=np.int64)
    heads = 2 * first + np.arange(len(counts))
    is_step = np.ones(len(numbers), dtype=bool)
    is_step[heads] = False
    numbers[heads] = counts
    numbers[is_step] = signs_low.ravel()
    return numbers, counts


def _without_repeats(
    whole: "NDArray[np.int64]", owner: "NDArray[np.intp]"
) -> tuple["NDArray[np.int64]", "NDArray[np.intp]"]:
    """Drop points that repeat the one before, but never the last of a line."""
    if not len(owner):
        return whole, owner
    last = np.append(owner[1:] != owner[:-1], [True])
    first = np.append([True], last[:-1])
    differs = np.append([True], (whole[1:] != whole[:-1]).any(axis=1))
    keep = first | last | differs
    return whole[keep], owner[keep]


def _curve_keys(whole: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return where points lie along a curve that fills the plane (Morton's)."""
    if not len(whole):
        return np.zeros(0, dtype=np.int64)
    low = whole.min(axis=0)
    span = max(int((whole.max(axis=0) - low).max()), 1)
    cells = (whole - low) * ((1 << _ORDER_BITS) - 1) // span
    keys = np.zeros(len(whole), dtype=np.int64)
    for bit in range(_ORDER_BITS):
        keys |= ((cells[:, 0] >> bit) & 1) << (2 * bit)
        keys |= ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return keys
