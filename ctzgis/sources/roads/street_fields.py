"""Columns of a street layer, from fields with usual names (街道图层字段)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctzgis.network.class_words import RoadWord, road_word
from ctzgis.provenance import Change
from ctzgis.sources.formats.field_names import plain_name
from ctzgis.sources.roads.field_words import (
    EMPTY,
    NUMBERED_DIRECTIONS,
    STREET_FIELD_NAMES,
    bridge_of,
    direction_of,
    flag_of,
    junction_of,
    metres_of,
    sense_of,
    tunnel_of,
    whole_of,
)
from ctzgis.sources.roads.fields import FieldColumns, field_mapping
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from ctzgis.sources.roads.fields import MappingLike

    Flags = NDArray[np.bool_]

__all__ = ["StreetColumns", "street_columns"]

_SHOWN: Final = 5
_FLAGS: Final["Mapping[str, Callable[[str], bool | None]]"] = {
    "link": flag_of,
    "roundabout": junction_of,
    "bridge": bridge_of,
    "tunnel": tunnel_of,
}


@dataclass(frozen=True, slots=True, eq=False)
class StreetColumns:
    """
    What a street layer's fields say.

    Attributes
    ----------
    columns
        Only those that the layer tells.
    backward
        Which rows have one direction against the way they are drawn.
    fields
        Each column's field, as a report tells it.
    changes
        What was noticed.
    """

    columns: pd.DataFrame
    backward: "Flags"
    fields: "Mapping[str, str]"
    changes: tuple[Change, ...]


def street_columns(
    table: pd.DataFrame, mapping: "MappingLike", layer: str
) -> StreetColumns:
    """
    Take the columns of streets from a layer's fields.

    Words that are not understood are told; a word for a class stays as it is. A field that
    was only guessed to hold classes is not taken if most of what it says is no class.

    Raises
    ------
    InputError
        If the mapping names a field, a column or a meaning that there is not.
    """
    found = field_mapping(mapping, table.columns, layer, wanted=STREET_FIELD_NAMES)
    changes: list[Change] = []
    source = FieldColumns(table, found, layer, changes, strict=False)
    columns: dict[str, Any] = {}
    for column in ("name_zh", "ref"):
        if column in found.fields:
            columns[column] = source.text(column)
    for column, meaning in _FLAGS.items():
        if column in found.fields:
            columns[column] = source.known(column, meaning, missing=False).astype(bool)
    if "road_class" in found.fields:
        columns |= _classes(source, columns)
    backward = np.zeros(len(table), dtype=bool)
    if "oneway" in found.fields:
        columns |= _directions(source, backward)
    columns |= _levels(source, columns)
    for column, number in (("lanes", whole_of), ("width_m", metres_of)):
        if column in found.fields:
            columns[column] = source.known(column, number, np.nan).astype(float)
    told = {k: v for k, v in found.told.items() if k in columns}
    frame = pd.DataFrame(columns, index=table.index)
    return StreetColumns(frame, backward, told, tuple(changes))


def _classes(source: FieldColumns, flags: dict[str, Any]) -> dict[str, Any]:
    """Return classes, and the flags of ramps and rings where words say them."""
    number, texts = source.words("road_class")
    given = source.given("road_class", road_word)
    means = [
        RoadWord()
        if text.lower() in EMPTY or (text in given and given[text] is None)
        else given[text]
        if text in given
        else road_word(text)
        for text in texts
    ]
    unknown = [n for n, word in enumerate(means) if word is None]
    strange = np.isin(number, unknown)
    guessed = "road_class" in source.mapping.guessed
    taken = not (guessed and strange.sum() > 0.5 * (number >= 0).sum())
    if unknown:
        _tell_strange(source, [texts[n] for n in unknown], strange, taken=taken)
    if not taken:
        return {}
    names = [
        t if w is None else w.road_class for w, t in zip(means, texts, strict=True)
    ]
    found: dict[str, Any] = {
        "road_class": np.array([*names, None], dtype=object)[number]
    }
    for flag in ("link", "roundabout"):
        said = np.array([*(bool(w and getattr(w, flag)) for w in means), False])[number]
        if said.any():
            found[flag] = said | flags[flag] if flag in flags else said
    return found


def _tell_strange(
    source: FieldColumns, words: list[str], strange: "Flags", *, taken: bool
) -> None:
    name = source.mapping.fields["road_class"]
    shown = ", ".join(word[:30] for word in sorted(words)[:_SHOWN])
    shown += ", …" if len(words) > _SHOWN else ""
    if taken:
        what = Text(
            f"字段 '{name}' 中不认识的道路等级（{shown}），原样保留",
            f"values of '{name}' that are no known road class ({shown}), kept as they are",
        )
    else:
        what = Text(
            f"字段 '{name}' 多数值不是道路等级（{shown}），未采用",
            f"values of '{name}' that are no road class ({shown}): the field is not taken",
        )
    rows = tuple(map(str, source.table.index[strange][:3]))
    source.changes.append(
        Change(action="noticed", what=what, count=int(strange.sum()), rows=rows)
    )


def _directions(source: FieldColumns, backward: "Flags") -> dict[str, Any]:
    """Return which lines are one-way, where it is said, and mark those to be turned."""
    name = source.mapping.fields["oneway"]
    coded = plain_name(name) in NUMBERED_DIRECTIONS
    meaning = sense_of if coded else direction_of
    given = source.given("oneway", meaning)
    number, texts = source.words("oneway")
    codes = {
        text
        for text in texts
        if text.lstrip("-").isdecimal() and text not in given and meaning(text) is None
    }
    if codes:
        # Where 2 and 3 are directions 1 is both, so none of the numbers can be trusted.
        rows = int((number >= 0).sum())
        shown = ", ".join(sorted(codes)[:_SHOWN])
        what = Text(
            f"字段 '{name}' 以代码表示方向（{shown}），含义未说明，未采用",
            f"directions of '{name}' as numbers that nothing explains ({shown}): the field "
            "is not taken",
        )
        source.changes.append(Change(action="noticed", what=what, count=rows))
        return {}
    sense = source.known("oneway", meaning, None)
    backward |= np.equal(sense, -1).astype(bool)
    if backward.any():
        what = Text(
            "单行方向与绘制方向相反的线，已反转",
            "lines that are one-way against the way they are drawn, turned",
        )
        source.changes.append(
            Change(action="repaired", what=what, count=int(backward.sum()))
        )
    flags = pd.array([None if s is None else s != 0 for s in sense], dtype="boolean")
    return {"oneway": flags if flags.isna().any() else flags.astype(bool)}


def _levels(source: FieldColumns, columns: dict[str, Any]) -> dict[str, Any]:
    """Return levels as a field says, else as bridges and tunnels suggest."""
    if "level" in source.mapping.fields:
        return {"level": source.known("level", whole_of, 0).astype(int)}
    ways = [columns[way] for way in ("bridge", "tunnel") if way in columns]
    if not ways:
        return {}
    level = np.zeros(len(source.table), dtype=int)
    for way, at in (("bridge", 1), ("tunnel", -1)):
        if way in columns:
            level[columns[way]] = at
    what = Text(
        "没有层级字段：桥梁为 1，隧道为 -1",
        "lines whose level is 1 as a bridge or -1 as a tunnel, as no field tells levels",
    )
    if count := int((level != 0).sum()):
        source.changes.append(Change(action="noticed", what=what, count=count))
    return {"level": level}
