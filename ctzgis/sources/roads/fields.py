"""Fields of road layers, by Chinese and English names and values (字段映射)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.network.class_words import class_of
from ctzgis.network.osm_tags import speeds_of
from ctzgis.provenance import Change
from ctzgis.sources.formats.field_names import guessed_field, plain_name
from ctzgis.sources.formats.files import read_toml
from ctzgis.sources.roads.field_words import (
    EMPTY,
    EXPECTED,
    FIELD_NAMES,
    NUMBERED_DIRECTIONS,
    direction_of,
    kph_of,
    sense_of,
    status_of,
    whole_of,
    written,
    year_of,
)
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FieldColumns",
    "FieldMapping",
    "MappingLike",
    "field_mapping",
    "road_columns",
]

MappingLike = Mapping[str, Any] | str | Path | None
"""A dict, a TOML file or ``None``: how fields are mapped to columns."""

_DEFAULT_CLASS: Final = "tertiary"
_DECISIVE: Final = frozenset(("road_class", "oneway"))
_MAX_UNKNOWN_SHARE: Final = 0.05
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """
    Which field of a layer each column is taken from, and what its values mean.

    Attributes
    ----------
    fields
        Field of each column: ``road_class``, ``oneway``, ``free_kph``, ``limit_kph``,
        ``name_zh``, ``status``, ``opens``, ``level``, ``lanes``, ``ref``.
    values
        By column, what its values mean, beyond what is known anyway; an empty text is
        no value.
    guessed
        Columns whose field was guessed by its name.
    """

    fields: Mapping[str, str]
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    guessed: frozenset[str] = frozenset()

    @property
    def told(self) -> dict[str, str]:
        """Each column's field, as a report tells it."""
        return {
            column: f"{name} (guessed)" if column in self.guessed else name
            for column, name in self.fields.items()
        }


def field_mapping(
    given: "MappingLike | FieldMapping",
    names: "pd.Index[Any]",
    layer: str,
    *,
    wanted: Mapping[str, tuple[str, ...]] = FIELD_NAMES,
) -> FieldMapping:
    """
    Complete a mapping of fields by guesses at those it does not name.

    Parameters
    ----------
    given
        Field of each column, e.g. ``{"road_class": "等级"}``; an empty text takes none. A
        table under a column's name with ``_values`` says what its values mean, e.g.
        ``{"road_class_values": {"A": "primary"}, "oneway_values": {"2": "yes", "3":
        "-1"}, "limit_kph_values": {"0": ""}}``; an empty text is no value. Or a TOML file
        with the same.
    names
        Fields of the layer.
    layer
        What the layer is called in messages.
    wanted
        Columns, and the names that their fields usually have.

    Raises
    ------
    InputError
        If it names a column or a field that there is not.
    """
    if isinstance(given, FieldMapping):
        return given
    entries: Any = (
        read_toml(Path(given)) if isinstance(given, (str, Path)) else given or {}
    )
    if not isinstance(entries, Mapping):
        msg = f"mapping is {type(given).__name__}; a dict or a TOML file is expected"
        raise InputError(msg)
    values = {
        key.removesuffix("_values"): {written(k): v for k, v in entry.items()}
        for key, entry in entries.items()
        if isinstance(entry, Mapping)
    }
    named = {
        k: "" if v is None else str(v)
        for k, v in entries.items()
        if not isinstance(v, Mapping)
    }
    valued = EXPECTED.keys() & wanted.keys()
    wrong = (named.keys() - wanted.keys()) | (values.keys() - valued)
    if unknown := sorted(wrong):
        msg = (
            f"mapping names {', '.join(unknown)}; columns are {', '.join(wanted)}, and "
            "their values, but of names, are under e.g. 'road_class_values'"
        )
        raise InputError(msg)
    if missing := sorted(v for v in named.values() if v and v not in set(names)):
        msg = f"{layer} has no field {', '.join(missing)}; it has {_listed(names)}"
        raise InputError(msg)
    guesses = {
        column: found
        for column, usual in wanted.items()
        if column not in named and (found := guessed_field(names, usual))
    }
    fields = {k: v for k, v in {**named, **guesses}.items() if v}
    return FieldMapping(fields=fields, values=values, guessed=frozenset(guesses))


def _listed(names: "pd.Index[Any]") -> str:
    shown = ", ".join(map(str, names[: _SHOWN * 3]))
    return shown or "none"


def road_columns(
    table: pd.DataFrame, mapping: FieldMapping, layer: str
) -> tuple[pd.DataFrame, "np.ndarray[Any, np.dtype[np.bool_]]", tuple[Change, ...]]:
    """
    Take the columns of roads from a layer's fields.

    Returns
    -------
    columns, backward, changes
        Class, direction, speeds, status, years, name, level, lanes and number of each
        row; which rows have one direction against the way they are drawn; what was
        noticed. Without a class a road counts as ``tertiary``, without a status as built.

    Raises
    ------
    InputError
        If more than 5 % of a field's values mean nothing that is known, unless the field
        was guessed and neither class nor direction; if any value of a direction is
        another number than 0, 1 and -1; if the mapping gives a value no meaning that
        there is.
    """
    changes: list[Change] = []
    column = FieldColumns(table, mapping, layer, changes)
    road_class = column.known("road_class", class_of, None)
    unclassed = pd.isna(road_class)
    road_class[unclassed] = _DEFAULT_CLASS
    coded = plain_name(mapping.fields.get("oneway", "")) in NUMBERED_DIRECTIONS
    direction = column.known("oneway", sense_of if coded else direction_of, 0)
    limit = column.known("limit_kph", kph_of, np.nan)
    free = column.known("free_kph", kph_of, np.nan)
    usual = [
        speeds_of(kind, None if np.isnan(kph) else kph)
        for kind, kph in zip(road_class, limit.astype(float), strict=True)
    ]
    usual_free, usual_peak = np.array(usual, dtype=float).reshape(-1, 2).T
    free_kph = np.where(np.isnan(free.astype(float)), usual_free, free).astype(float)
    if unclassed.any():
        what = Text(
            f"没有道路等级的线，按 {_DEFAULT_CLASS}（支路）处理",
            f"lines without a road class, taken as {_DEFAULT_CLASS}",
        )
        changes.append(Change(action="noticed", what=what, count=int(unclassed.sum())))
    columns = pd.DataFrame(
        {
            "road_class": road_class,
            "oneway": direction != 0,
            "free_kph": free_kph,
            "peak_kph": free_kph * usual_peak / usual_free,
            "limit_kph": limit.astype(float),
            "status": column.known("status", status_of, "built"),
            "opens": column.known("opens", year_of, np.nan).astype(float),
            "closes": np.nan,
            "name_zh": column.text("name_zh"),
            "ref": column.text("ref"),
            "level": column.known("level", whole_of, 0).astype(int),
            "lanes": column.known("lanes", whole_of, np.nan).astype(float),
        },
        index=table.index,
    )
    return columns, np.asarray(direction == -1, dtype=bool), tuple(changes)


@dataclass(frozen=True, slots=True, eq=False)
class FieldColumns:
    """
    The columns of a layer, as its fields say them.

    Attributes
    ----------
    table, mapping, layer
        The layer, which field each column is taken from, and the layer's name.
    changes
        Takes what is noticed.
    strict
        Whether much that is not understood is refused, else it is only told.
    """

    table: pd.DataFrame
    mapping: FieldMapping
    layer: str
    changes: list[Change]
    strict: bool = True

    def text(self, column: str) -> "pd.Series[Any]":
        """Return a column of texts; ``None`` where there is none."""
        name = self.mapping.fields.get(column)
        if name is None:
            nothing = [None] * len(self.table)
            return pd.Series(nothing, index=self.table.index, dtype=object)
        values = self.table[name]
        texts = [
            None if missing else _text_of(_joined(value))
            for value, missing in zip(values, values.isna(), strict=True)
        ]
        return pd.Series(texts, index=self.table.index, dtype=object)

    def known(
        self, column: str, meaning: "Callable[[str], Any]", missing: Any
    ) -> "np.ndarray[Any, Any]":
        """Return what a field's values mean; ``missing`` where they say nothing."""
        name = self.mapping.fields.get(column)
        given = self.given(column, meaning)
        if name is None:
            return np.full(len(self.table), missing, dtype=object)
        number, texts = self.words(column)
        means = [given[text] if text in given else meaning(text) for text in texts]
        silent = [text.lower() in EMPTY or text in given for text in texts]
        unknown = [
            n
            for n, (m, s) in enumerate(zip(means, silent, strict=True))
            if m is None and not s
        ]
        if unknown:
            shown = sorted(texts[n] for n in unknown)
            self._tell_unknown(column, name, shown, np.isin(number, unknown))
        found = [missing if m is None else m for m in means]
        # What has no value is numbered -1: the last.
        known: np.ndarray[Any, Any] = np.array([*found, missing], dtype=object)[number]
        return known

    def words(self, column: str) -> "tuple[np.ndarray[Any, Any], list[str]]":
        """Return which word of a column's field each row has (-1: none), and the words."""
        number, values = _numbered(self.table[self.mapping.fields[column]])
        return number, [written(value) for value in values]

    def given(self, column: str, meaning: "Callable[[str], Any]") -> Mapping[str, Any]:
        """Return what the mapping says that values mean; ``None`` for no value."""
        means: dict[str, Any] = {}
        wrong = set()
        for text, value in self.mapping.values.get(column, {}).items():
            said = written(value)
            means[text] = None if said.lower() in EMPTY else meaning(said)
            if means[text] is None and said.lower() not in EMPTY:
                wrong.add(said)
        if wrong:
            msg = (
                f"{column}_values has {', '.join(sorted(wrong))}; allowed are "
                f"{EXPECTED[column]}, or an empty text for no value"
            )
            raise InputError(msg)
        return means

    def _tell_unknown(
        self, column: str, name: str, texts: list[str], where: "np.ndarray[Any, Any]"
    ) -> None:
        rows = self.table.index[where]
        shown = ", ".join(text[:30] for text in texts[:_SHOWN])
        shown += ", …" if len(texts) > _SHOWN else ""
        # A field that was only guessed, and that no route depends on, may be another.
        trusted = column in _DECISIVE or column not in self.mapping.guessed
        # Directions as other numbers: then 1 may mean both, and no row can be trusted.
        coded = column == "oneway" and any(map(str.isdecimal, texts))
        many = trusted and len(rows) > _MAX_UNKNOWN_SHARE * len(self.table)
        if self.strict and (coded or many):
            msg = (
                f"{self.layer}: field '{name}' has {len(rows):,} values that mean no "
                f"{column}: {shown}; say what they mean under '{column}_values' of the "
                f"mapping ({EXPECTED[column]}, or an empty text for no value), or map no "
                "field with an empty name"
            )
            if coded:
                msg += "; say what 1 means too, which is both ways in navigation data"
            raise InputError(msg)
        what = Text(
            f"字段 '{name}' 中含义不明的值（{column}：{shown}），按缺失处理",
            f"values of '{name}' that mean no {column} ({shown}), taken as missing",
        )
        self.changes.append(
            Change(
                action="noticed",
                what=what,
                count=len(rows),
                rows=tuple(map(str, rows[:3])),
            )
        )


def _numbered(values: "pd.Series[Any]") -> "tuple[np.ndarray[Any, Any], pd.Index[Any]]":
    """Return the number of each value among the distinct ones, and these; -1 for none."""
    try:
        return pd.factorize(values)
    except TypeError:  # lists, as GeoParquet may hold
        return pd.factorize(values.map(_joined, na_action="ignore"))


def _joined(value: Any) -> Any:
    """Return the values of a list as one text, else the value."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return ";".join(map(str, value))
    return value


def _text_of(value: Any) -> str | None:
    return (written(value) if isinstance(value, float) else str(value).strip()) or None
