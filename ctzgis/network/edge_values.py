"""What the attributes of a street graph's edge say, and how cells hold them (边属性)."""

import json
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ctzgis.network.osm_tags import (
    parse_maxspeed,
    road_class_of,
    speeds_of,
    way_rules,
)
from ctzgis.tables import ROAD_CLASSES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    Data = Mapping[str, Any]

__all__ = [
    "BACK",
    "OVERRIDES",
    "as_list",
    "binds_cyclists",
    "class_of",
    "decoded",
    "encoded",
    "marked_oneway",
    "number",
    "road_values",
]

BACK: Final = ":back"
"""Ending of the columns that hold what differs on the way back."""

OVERRIDES: Final = {
    "oneway": "osm_oneway",
    "reversed": "osm_reversed",
    "length": "osm_length_m",
    "key": "osm_key",
}
"""Column of an attribute that the network has its own word on."""

_MARKS: Final = frozenset(("True", "true", "yes", "1", "-1", "reverse", "T", "F"))
_FLAGS: Final = ("drive", "walk", "cycle")
_OLDEST_YEAR: Final = 1800


def as_list(value: Any) -> list[Any]:
    """Return the values of an attribute, which is one value or a list of them."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return [] if value is None else [value]


def number(value: Any) -> float | None:
    """Return a value as a finite number; ``None`` if it is none."""
    if isinstance(value, bool | np.bool_) or not isinstance(
        value, int | float | str | np.number
    ):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def marked_oneway(value: Any) -> bool:
    """Tell whether an attribute ``oneway`` says yes; of several values one suffices."""
    return any(
        bool(one) if isinstance(one, bool | np.bool_) else str(one) in _MARKS
        for one in as_list(value)
    )


def encoded(value: Any) -> Any:
    """
    Return an attribute as a cell: lists as JSON texts, ``None`` for what is missing.

    Examples
    --------
    >>> encoded(["primary", "secondary"]), encoded(float("nan")), encoded(60)
    ('["primary", "secondary"]', None, 60)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple | set | frozenset | dict):
        plain = value if isinstance(value, list | dict) else list(value)
        return json.dumps(plain, ensure_ascii=False, default=_plain)
    if isinstance(value, float) and math.isnan(value):
        return None
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return text if _list_in(text) is None else json.dumps([text], ensure_ascii=False)


def decoded(cell: Any) -> Any:
    """
    Return the attribute that a cell holds.

    Examples
    --------
    >>> decoded('["primary", "secondary"]'), decoded("[1,2"), decoded(True)
    (['primary', 'secondary'], '[1,2', True)
    """
    values = _list_in(cell) if isinstance(cell, str) else None
    if values is None:
        return cell
    if len(values) == 1 and isinstance(values[0], str) and _list_in(values[0]):
        return values[0]
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    return list(value) if isinstance(value, tuple | set | frozenset) else str(value)


def _list_in(text: str) -> list[Any] | None:
    """Return the list that a text is exactly as ``encoded`` writes it."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        values = json.loads(text)
        same = json.dumps(values, ensure_ascii=False) == text
    except (ValueError, RecursionError):
        return None
    return values if same else None


def class_of(data: "Data") -> tuple[str, str]:
    """
    Return the road class of an edge, and what is wrong with its ``highway``.

    That is ``"unknown"``, ``"missing"`` or nothing. Of several values the slowest counts.

    Examples
    --------
    >>> class_of({"highway": ["residential", "primary_link"]}), class_of({"highway": "busway"})
    (('residential', ''), ('path', 'unknown'))
    """
    own = data.get("road_class")
    if isinstance(own, str) and own in ROAD_CLASSES:
        return own, ""
    words = [str(word) for word in as_list(data.get("highway"))]
    if not words:
        # A ferry has a route instead.
        return (
            ("ferry", "")
            if data.get("route") == "ferry"
            else ("residential", "missing")
        )
    classes = [w if w == "ferry" else road_class_of(w) for w in words]
    known = [name for name in classes if name is not None]
    if not known:
        return "path", "unknown"
    return max(known, key=ROAD_CLASSES.index), ""


def road_values(data: "Data") -> dict[str, Any]:
    """
    Return what an edge says for the columns of a road, ids and direction left out.

    Optional columns are there if the edge has the attribute; access always is.

    Examples
    --------
    >>> road = road_values({"highway": "primary", "maxspeed": ["60", "80"], "name": "五一路"})
    >>> road["road_class"], road["free_kph"], road["name_zh"], road["walk"]
    ('primary', 51.0, '五一路', True)
    """
    road_class, _ = class_of(data)
    free, peak = _speeds(data, road_class)
    status = data.get("status")
    names = [str(name) for name in as_list(data.get("name"))]
    name = data.get("name_zh", " / ".join(names) or None)
    found: dict[str, Any] = {
        "road_class": road_class,
        "free_kph": free,
        "peak_kph": peak,
        "status": status if isinstance(status, str) and status in STATUSES else "built",
        "opens": _year(data.get("opens")),
        "closes": _year(data.get("closes")),
        "name_zh": name if isinstance(name, str) else None,
        **_access(data, road_class),
    }
    if "signals" in data:
        found["signals"] = max(number(data["signals"]) or 0.0, 0.0)
    for text in ("project_id", "corridor_ids"):
        if text in data:
            found[text] = str(data[text])
    if (flag := _flag(data.get("cycle_oneway"))) is not None:
        found["cycle_oneway"] = flag
    return found


def binds_cyclists(data: "Data") -> bool:
    """Tell whether the one direction of an edge is the cyclists' too."""
    texts = {str(n): value for n, value in data.items() if isinstance(value, str)}
    return way_rules({**texts, "oneway": "yes"}).cycle_oneway


def _speeds(data: "Data", road_class: str) -> tuple[float, float]:
    limits = [parse_maxspeed(str(text)) for text in as_list(data.get("maxspeed"))]
    usual = speeds_of(
        road_class, min((k for k in limits if k is not None), default=None)
    )
    free = (
        _positive(data.get("free_kph")) or _positive(data.get("speed_kph")) or usual[0]
    )
    return free, _positive(data.get("peak_kph")) or free * usual[1] / usual[0]


def _positive(value: Any) -> float | None:
    found = number(value)
    return found if found is not None and found > 0 else None


def _year(value: Any) -> float:
    found = number(value)
    return math.nan if found is None or found < _OLDEST_YEAR else found


def _flag(value: Any) -> bool | None:
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return {"True": True, "False": False}.get(value) if isinstance(value, str) else None


def _access(data: "Data", road_class: str) -> dict[str, bool]:
    """Tell who may use an edge: all that each of its values lets in."""
    own = {name: _flag(data.get(name)) for name in _FLAGS}
    told = {n: flag for n, flag in own.items() if flag is not None}
    if len(told) == len(_FLAGS):
        return told
    words = {
        str(name): [str(value) for value in as_list(values)]
        for name, values in data.items()
        if values and isinstance(values, str | list)
    }
    common = {name: values[0] for name, values in words.items()}
    common["highway"] = (
        "path" if class_of(data)[1] == "unknown" else common.get("highway", "")
    )
    variants = [common]
    variants += [
        common | {name: value}
        for name, values in words.items()
        if name != "highway" or road_class != "path"
        for value in values[1:]
    ]
    rules = [way_rules(tags) for tags in variants]
    return {
        name: told.get(name, all(getattr(rule, name) for rule in rules))
        for name in _FLAGS
    }
