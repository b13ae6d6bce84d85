"""
Plan entries and plan objects, one form of the other.

The dataclasses of ``ctzgis.plan`` are the only definition of an entry: their fields name
what a topic file may hold, their types what each field must be. ``decode`` reads an entry
by them and complains by file, entry and reason; ``encode`` is its inverse.

=====================  ==========================================
field of a dataclass   key of an entry
=====================  ==========================================
``name: Text``         ``name_zh`` and ``name_en``
``citation``           ``cite``
``x: T | None``        may be missing or null
a default              may be missing
``tuple[T, ...]``      a list
``Mapping[str, Any]``  a mapping of plain values
an ``Enum``            one of its words
=====================  ==========================================

Fields whose metadata say ``{"drawn": True}`` hold geometry and are joined by id.
"""

import dataclasses
import re
import sys
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.sources.plans.entries import Entry

__all__ = ["decode", "encode", "fields_of"]

T_ = TypeVar("T_")

_KEYS: Final[Mapping[str, str]] = {"citation": "cite"}
_MISSING: Final = dataclasses.MISSING

# Line breaks and what steers a terminal.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def decode(kind: type[T_], entry: "Entry") -> T_:
    """
    Make an object of a dataclass from an entry.

    Raises
    ------
    PlanError
        If a field is missing, unknown or of the wrong kind, or the object refuses it.
    """
    values: dict[str, Any] = {}
    for field, hint in fields_of(kind):  # type: ignore[arg-type]
        values[field.name] = _read(entry, field, hint)
    entry.close()
    try:
        return kind(**values)
    except ValueError as error:
        entry.fail(str(error))


def encode(thing: Any) -> dict[str, Any]:
    """
    Return the entry an object was made from; what equals its default is left out.

    Examples
    --------
    >>> from ctzgis.plan import Citation
    >>> encode(Citation(document="outline2020", place="前言"))
    {'document': 'outline2020', 'place': '前言'}
    """
    entry: dict[str, Any] = {}
    for field, _ in fields_of(type(thing)):  # type: ignore[arg-type]
        value = getattr(thing, field.name)
        if value is None or (field.default is not _MISSING and value == field.default):
            continue
        if field.default_factory is not _MISSING and not value:
            continue
        if isinstance(value, Text):
            entry[f"{field.name}_zh"], entry[f"{field.name}_en"] = value
        else:
            entry[_KEYS.get(field.name, field.name)] = _plain(value)
    return entry


@cache
def fields_of(kind: Any) -> "tuple[tuple[dataclasses.Field[Any], Any], ...]":
    """Return the fields of a dataclass that entries hold, with their types."""
    hints = typing.get_type_hints(kind)
    return tuple(
        (field, hints[field.name])
        for field in dataclasses.fields(kind)
        if not field.metadata.get("drawn")
    )


def _read(entry: "Entry", field: "dataclasses.Field[Any]", hint: Any) -> Any:
    required = field.default is _MISSING and field.default_factory is _MISSING
    hint, optional = _without_none(hint)
    if hint is Text:
        return _read_text(entry, field, required=required and not optional)
    key = _KEYS.get(field.name, field.name)
    raw = entry.take(key)
    if raw is None:
        if required and not optional:
            entry.fail(f"'{key}' is missing")
        return _default(field)
    return _value(entry, key, raw, hint)


def _read_text(
    entry: "Entry", field: "dataclasses.Field[Any]", *, required: bool
) -> Text | None:
    zh, en = (entry.take(f"{field.name}_{lang}") for lang in ("zh", "en"))
    if zh is None and en is None and not required:
        value: Text | None = _default(field)
        return value
    for lang, text in (("zh", zh), ("en", en)):
        if not isinstance(text, str) or not text.strip() or _CONTROLS.search(text):
            entry.fail(f"'{field.name}_{lang}' is {text!r}; a line of text is expected")
    return Text(str(zh), str(en))


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not _MISSING:
        return field.default_factory()
    return None if field.default is _MISSING else field.default


def _value(entry: "Entry", key: str, raw: Any, hint: Any) -> Any:
    if hint is str:
        return _checked(entry, key, raw, "a text", fits=isinstance(raw, str))
    if hint is bool:
        return _checked(entry, key, raw, "true or false", fits=isinstance(raw, bool))
    if hint in (int, float):
        _checked(entry, key, raw, "a number", fits=_is_number(raw))
        whole = hint is not int or raw == int(raw)
        return hint(_checked(entry, key, raw, "a whole number", fits=whole))
    if typing.get_origin(hint) is tuple:
        items = _checked(entry, key, raw, "a list", fits=isinstance(raw, list))
        inner = typing.get_args(hint)[0]
        return tuple(
            _value(entry, f"{key} {number}", item, inner)
            for number, item in enumerate(items, 1)
        )
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _word(entry, key, raw, hint)
    mapping = _checked(entry, key, raw, "a mapping", fits=isinstance(raw, Mapping))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return decode(hint, entry.inner(key, mapping))
    return {str(k): v for k, v in mapping.items()}


def _is_number(raw: Any) -> bool:
    """Tell whether a value is a number that a float can hold; NaN is none."""
    number = isinstance(raw, (int, float)) and not isinstance(raw, bool)
    return number and abs(raw) <= sys.float_info.max


def _checked(entry: "Entry", key: str, raw: Any, what: str, *, fits: bool) -> Any:
    if not fits:
        entry.fail(f"'{key}' is {raw!r}; {what} is expected")
    return raw


def _word(entry: "Entry", key: str, raw: Any, words: type[Enum]) -> Enum:
    try:
        return words(raw)
    except ValueError:
        allowed = ", ".join(repr(word.value) for word in words)
        entry.fail(f"'{key}' is {raw!r}; one of {allowed} is expected")


@cache
def _without_none(hint: Any) -> tuple[Any, bool]:
    """Return a type without its ``None``, and whether it had one."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return inner[0], True
    return hint, False


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return encode(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value == int(value):
        return int(value)
    return dict(value) if isinstance(value, Mapping) else value
