"""Fields of road layers, by Chinese and English names and values (字段映射)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ctzgis.errors import InputError
from ctzgis.network.osm_tags import parse_maxspeed, road_class_of, speeds_of
from ctzgis.provenance import Change
from ctzgis.sources.files import read_toml
from ctzgis.tables import ROAD_CLASSES, STATUSES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "FieldMapping",
    "MappingLike",
    "field_mapping",
    "guessed_field",
    "road_columns",
]

MappingLike = Mapping[str, Any] | str | Path | None
"""A dict, a TOML file or ``None``: how fields are mapped to columns."""

_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "road_class": (
        "roadclass", "fclass", "highway", "class", "道路等级", "公路等级", "技术等级",
        "路等级", "等级", "道路类型", "roadtype", "type", "类型", "dldj", "lxdj",
    ),
    "oneway": (
        "oneway", "单行", "单行线", "是否单行", "单向", "通行方向", "方向", "direction",
    ),
    "free_kph": ("freekph", "speedkph", "speed", "速度", "车速", "运行速度", "行驶速度"),
    "limit_kph": (
        "maxspeed", "limitkph", "speedlimit", "限速", "设计速度", "设计时速", "设计车速",
        "designspeed", "designspeedkph", "sjsd",
    ),
    "name_zh": (
        "namezh", "name", "名称", "路名", "道路名", "道路名称", "路线名称", "lxmc", "dlmc",
        "roadname",
    ),
    "status": ("status", "状态", "建设状态", "建设情况", "jszt"),
    "opens": (
        "opens", "openyear", "year", "建成年份", "通车年份", "通车时间", "竣工年份", "年份",
    ),
    "level": ("level", "layer", "层", "层级"),
    "lanes": ("lanes", "车道数", "车道"),
    "ref": ("ref", "路线编号", "道路编号", "lxbh"),
}  # fmt: skip

_CHINESE_CLASSES: Final[Mapping[str, str]] = {
    "高速公路": "motorway", "高速": "motorway", "国家高速": "motorway", "省级高速": "motorway",
    "快速路": "urban_expressway", "城市快速路": "urban_expressway",
    "一级公路": "trunk", "一级": "trunk", "国道": "trunk", "干线公路": "trunk",
    "主干路": "primary", "主干道": "primary", "城市主干路": "primary", "主干": "primary",
    "城市主干道": "primary", "省道": "primary",
    "次干路": "secondary", "次干道": "secondary", "城市次干路": "secondary",
    "次干": "secondary", "城市次干道": "secondary", "二级公路": "secondary",
    "二级": "secondary",
    "支路": "tertiary", "城市支路": "tertiary", "三级公路": "tertiary", "三级": "tertiary",
    "县道": "tertiary",
    "街坊路": "residential", "街巷": "residential", "巷道": "residential",
    "四级公路": "residential", "四级": "residential", "乡道": "residential",
    "村道": "residential", "等外公路": "residential", "等外": "residential",
    "内部道路": "service", "小区道路": "service", "机耕路": "track", "土路": "track",
    "步道": "path", "人行道": "path", "步行街": "path", "绿道": "path", "轮渡": "ferry",
    "渡口": "ferry",
}  # fmt: skip
_FORTH: Final = frozenset(
    ("yes", "true", "1", "f", "ft", "是", "单向", "单行", "正向", "顺向")
)
_BACK: Final = frozenset(("-1", "t", "tf", "reverse", "逆向", "反向"))
_BOTH: Final = frozenset(
    ("no", "false", "0", "b", "否", "双向", "双行", "", "nan", "none")
)
_CHINESE_STATUSES: Final[Mapping[str, str]] = {
    "现状": "built", "已建": "built", "建成": "built", "已建成": "built", "在用": "built",
    "通车": "built", "existing": "built", "在建": "under_construction",
    "施工": "under_construction", "construction": "under_construction",
    "规划": "planned", "拟建": "planned", "proposed": "planned", "未建": "planned",
}  # fmt: skip

_DEFAULT_CLASS: Final = "tertiary"
_DECISIVE: Final = frozenset(("road_class", "oneway"))
_MAX_UNKNOWN_SHARE: Final = 0.05
_FASTEST_KPH: Final = 200.0
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
        By column, what its values mean, beyond what is known anyway.
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


def guessed_field(names: "pd.Index[Any]", wanted: tuple[str, ...]) -> str | None:
    """
    Return the field whose name is the first wanted one, whatever its case and spacing.

    Examples
    --------
    >>> guessed_field(pd.Index(["FID", "Road_Class", "长度"]), ("fclass", "roadclass"))
    'Road_Class'
    """
    plain = {_plain(str(name)): str(name) for name in reversed(list(names))}
    return next((plain[name] for name in wanted if name in plain), None)


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c not in "_- .")


def field_mapping(
    given: "MappingLike | FieldMapping", names: "pd.Index[Any]", layer: str
) -> FieldMapping:
    """
    Complete a mapping of fields by guesses at those it does not name.

    Parameters
    ----------
    given
        Field of each column, e.g. ``{"road_class": "等级"}``; an empty text takes none. A
        table under a column's name with ``_values`` says what its values mean, e.g.
        ``{"road_class_values": {"A": "primary"}}``. Or a TOML file with the same.
    names
        Fields of the layer.
    layer
        What the layer is called in messages.

    Raises
    ------
    InputError
        If it names a column or a field that there is not.
    """
    if isinstance(given, FieldMapping):
        return given
    entries = read_toml(Path(given)) if isinstance(given, (str, Path)) else given or {}
    values = {
        key.removesuffix("_values"): {str(k): v for k, v in entry.items()}
        for key, entry in entries.items()
        if isinstance(entry, Mapping)
    }
    named = {k: str(v) for k, v in entries.items() if not isinstance(v, Mapping)}
    if unknown := sorted((named.keys() | values.keys()) - _NAMES.keys()):
        msg = (
            f"mapping names {', '.join(unknown)}; columns are {', '.join(_NAMES)}, and "
            "their values are under e.g. 'road_class_values'"
        )
        raise InputError(msg)
    if missing := sorted(v for v in named.values() if v and v not in set(names)):
        msg = f"{layer} has no field {', '.join(missing)}; it has {_listed(names)}"
        raise InputError(msg)
    guesses = {
        column: found
        for column, wanted in _NAMES.items()
        if column not in named and (found := guessed_field(names, wanted))
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
        was guessed and neither class nor direction.
    """
    changes: list[Change] = []
    column = _Columns(table, mapping, layer, changes)
    road_class = column.known("road_class", _class_of, _DEFAULT_CLASS)
    direction = column.known("oneway", _direction_of, 0)
    limit = column.known("limit_kph", _kph_of, np.nan)
    free = column.known("free_kph", _kph_of, np.nan)
    usual = [
        speeds_of(kind, None if np.isnan(kph) else kph)
        for kind, kph in zip(road_class, limit.astype(float), strict=True)
    ]
    usual_free, usual_peak = np.array(usual, dtype=float).reshape(-1, 2).T
    free_kph = np.where(np.isnan(free.astype(float)), usual_free, free).astype(float)
    if "road_class" not in mapping.fields:
        what = f"lines without a road class, taken as {_DEFAULT_CLASS}"
        changes.append(Change(action="noticed", what=what, count=len(table)))
    columns = pd.DataFrame(
        {
            "road_class": road_class,
            "oneway": direction != 0,
            "free_kph": free_kph,
            "peak_kph": free_kph * usual_peak / usual_free,
            "limit_kph": limit.astype(float),
            "status": column.known("status", _status_of, "built"),
            "opens": column.known("opens", _year_of, np.nan).astype(float),
            "closes": np.nan,
            "name_zh": column.text("name_zh"),
            "ref": column.text("ref"),
            "level": column.known("level", _whole_of, 0).astype(int),
            "lanes": column.known("lanes", _whole_of, np.nan).astype(float),
        },
        index=table.index,
    )
    return columns, np.asarray(direction == -1, dtype=bool), tuple(changes)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    table: pd.DataFrame
    mapping: FieldMapping
    layer: str
    changes: list[Change]

    def text(self, column: str) -> "pd.Series[Any]":
        name = self.mapping.fields.get(column)
        values = [None] * len(self.table) if name is None else self.table[name]
        texts = [None if pd.isna(v) else _text_of(v) for v in values]
        return pd.Series(texts, index=self.table.index, dtype=object)

    def known(
        self, column: str, meaning: "Callable[[str], Any]", missing: Any
    ) -> "np.ndarray[Any, Any]":
        """Return what a field's values mean; ``missing`` where they say nothing."""
        name = self.mapping.fields.get(column)
        if name is None:
            return np.full(len(self.table), missing, dtype=object)
        given = self.mapping.values.get(column, {})
        meanings: dict[Any, Any] = {}
        for value in self.table[name].dropna().unique():
            text = str(value).strip()
            meanings[value] = given[text] if text in given else meaning(text)
        self._require_allowed(column, given)
        found = self.table[name].astype(object).map(meanings, na_action="ignore")
        empty = self.table[name].isna() | self.table[name].astype(str).str.strip().eq(
            ""
        )
        unknown = found.isna() & ~empty
        if unknown.any():
            self._tell_unknown(column, name, unknown)
        return np.asarray(
            [missing if pd.isna(value) else value for value in found], dtype=object
        )

    def _require_allowed(self, column: str, given: Mapping[str, Any]) -> None:
        allowed = {"road_class": ROAD_CLASSES, "status": STATUSES}.get(column)
        if allowed and (wrong := sorted(set(map(str, given.values())) - set(allowed))):
            msg = f"{column}_values has {', '.join(wrong)}; allowed are {', '.join(allowed)}"
            raise InputError(msg)

    def _tell_unknown(self, column: str, name: str, unknown: "pd.Series[bool]") -> None:
        rows = self.table.index[unknown]
        texts = sorted({str(v) for v in self.table.loc[unknown, name].unique()})
        shown = ", ".join(text[:30] for text in texts[:_SHOWN])
        shown += ", …" if len(texts) > _SHOWN else ""
        # A field that was only guessed, and that no route depends on, may be another.
        trusted = column in _DECISIVE or column not in self.mapping.guessed
        if trusted and len(rows) > _MAX_UNKNOWN_SHARE * len(self.table):
            msg = (
                f"{self.layer}: field '{name}' has {len(rows):,} values that mean no "
                f"{column}: {shown}; say what they mean under '{column}_values' of the "
                "mapping, or map no field with an empty name"
            )
            raise InputError(msg)
        what = f"values of '{name}' that mean no {column} ({shown}), taken as missing"
        self.changes.append(
            Change(
                action="noticed",
                what=what,
                count=len(rows),
                rows=tuple(map(str, rows[:3])),
            )
        )


def _text_of(value: Any) -> str | None:
    return str(value).strip() or None


def _class_of(text: str) -> str | None:
    if text in ROAD_CLASSES:
        return text
    plain = text.lower()
    if plain.startswith("track_grade"):  # as Geofabrik's layers name them
        return "track"
    return road_class_of(plain) or _CHINESE_CLASSES.get(text)


def _direction_of(text: str) -> int | None:
    plain = text.lower().removesuffix(".0")
    return (
        1
        if plain in _FORTH
        else -1
        if plain in _BACK
        else 0
        if plain in _BOTH
        else None
    )


def _status_of(text: str) -> str | None:
    plain = text.lower()
    return plain if plain in STATUSES else _CHINESE_STATUSES.get(plain)


def _kph_of(text: str) -> float | None:
    plain = text.lower().replace("公里/小时", "").replace("千米/小时", "").strip()
    kph = parse_maxspeed(plain)
    return kph if kph is not None and 0 < kph <= _FASTEST_KPH else None


def _year_of(text: str) -> float | None:
    digits = text[:4]
    if digits.isascii() and digits.isdecimal() and 1800 <= int(digits) <= 2100:
        return float(digits)
    return None


def _whole_of(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if abs(number) < 100 and number == int(number) else None
