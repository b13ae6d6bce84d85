"""Contracts of the frames that travel between the layers (数据表约定)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely

from ctzgis.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import geopandas as gpd

__all__ = [
    "CONTROLS",
    "FACILITIES",
    "JUNCTIONS",
    "POINTS",
    "POPULATION",
    "ROADS",
    "ROAD_CLASSES",
    "STATUSES",
    "STREETS",
    "ZONES",
    "Column",
    "Table",
    "safe_cell",
    "safe_cells",
]

Kind = Literal["text", "number", "flag"]

ROAD_CLASSES: Final = (
    "motorway",
    "urban_expressway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "residential",
    "service",
    "track",
    "path",
    "ferry",
)
"""
Road classes, from the fastest.

高速、快速路、干线公路、主干、次干、支路、街坊路、内部道路、土路、步道、轮渡.
"""

CONTROLS: Final = ("signals", "stop", "give_way", "roundabout", "uncontrolled")
"""What regulates the traffic of a junction (交叉口控制方式)."""

STATUSES: Final = ("built", "under_construction", "planned")
"""What stands on the ground: 已建、在建、规划."""

_EXAMPLES: Final = 3

# Names of shapely's types, by their number.
_SHAPES: Final = np.array(
    ["Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString",
     "MultiPolygon", "GeometryCollection"],
    dtype=object,
)  # fmt: skip

# A spreadsheet runs a cell that starts like this as a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    What one column must hold.

    Attributes
    ----------
    kind
        ``"text"``, ``"number"`` or ``"flag"``.
    required
        Whether the column must be there.
    nullable
        Whether values may be missing.
    minimum
        Least allowed number; ``None`` if there is none.
    above
        Number every value must exceed; ``None`` if there is none.
    choices
        Allowed texts; empty if all are.
    """

    kind: Kind
    required: bool = True
    nullable: bool = False
    minimum: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """
    The contract of one kind of frame.

    Attributes
    ----------
    name
        What the frame is called in messages.
    columns
        What each column must hold; further columns are allowed.
    geometry
        Allowed geometry types.
    unique_index
        Whether the index must name each row once.
    """

    name: str
    columns: "Mapping[str, Column]" = field(default_factory=dict)
    geometry: tuple[str, ...] = ()
    unique_index: bool = True

    def check(self, frame: "gpd.GeoDataFrame") -> None:
        """
        Raise ``SchemaError`` that names every broken rule and the rows that break it.

        An empty frame keeps the contract if its columns are there.
        """
        problems = list(self._problems(frame))
        if problems:
            raise SchemaError(self.name, problems)

    def _problems(self, frame: "gpd.GeoDataFrame") -> "Iterator[str]":
        if self.unique_index and frame.index.has_duplicates:
            rows = frame.index[frame.index.duplicated()]
            yield f"the index repeats {_named(rows)}"
        for name, column in self.columns.items():
            if name in frame.columns:
                yield from _column_problems(frame[name], name, column)
            elif column.required:
                yield f"column '{name}' is missing"
        if self.geometry:
            yield from _geometry_problems(frame.geometry, self.geometry)


def _column_problems(
    values: "pd.Series[Any]", name: str, column: Column
) -> "Iterator[str]":
    missing = values.isna()
    if missing.any() and not column.nullable:
        yield f"column '{name}' has no value in {_named(values.index[missing])}"
    present = values[~missing]
    if column.kind == "number":
        numbers = pd.to_numeric(present, errors="coerce")
        for text, bad in (
            ("is not a finite number", ~np.isfinite(numbers)),
            (f"is below {column.minimum}", _fails(numbers, column.minimum, np.less)),
            (
                f"is not above {column.above}",
                _fails(numbers, column.above, np.less_equal),
            ),
        ):
            if bad.any():
                yield f"column '{name}' {text} in {_named(present.index[bad])}"
    elif column.kind == "flag" and present.dtype != bool:
        bad = ~present.map(lambda value: isinstance(value, (bool, np.bool_))).astype(
            bool
        )
        if bad.any():
            yield f"column '{name}' is not true or false in {_named(present.index[bad])}"
    elif column.choices:
        bad = ~present.isin(column.choices)
        if bad.any():
            found = sorted({str(value) for value in present[bad]})[:_EXAMPLES]
            allowed = ", ".join(column.choices)
            yield f"column '{name}' has {', '.join(found)}; allowed are {allowed}"


def _fails(
    numbers: "pd.Series[float]",
    bound: float | None,
    compare: "Callable[..., pd.Series[bool]]",
) -> "pd.Series[bool]":
    if bound is None:
        return pd.Series(data=False, index=numbers.index)
    return compare(numbers, bound)


def _geometry_problems(
    shapes: "gpd.GeoSeries", allowed: tuple[str, ...]
) -> "Iterator[str]":
    values = np.asarray(shapes.array)
    missing = shapely.is_missing(values) | shapely.is_empty(values)
    if missing.any():
        yield f"geometry is missing or empty in {_named(shapes.index[missing])}"
    present, index = values[~missing], shapes.index[~missing]
    coordinates, owner = shapely.get_coordinates(present, return_index=True)
    broken = np.zeros(len(present), dtype=bool)
    broken[owner[~np.isfinite(coordinates).all(axis=1)]] = True
    if broken.any():
        yield f"geometry has coordinates that are not numbers in {_named(index[broken])}"
    kinds = shapely.get_type_id(present)
    wrong = ~np.isin(_SHAPES, allowed)[kinds]
    if wrong.any():
        found = ", ".join(sorted(set(_SHAPES[kinds[wrong]])))
        yield (
            f"geometry is {found} in {_named(index[wrong])}; "
            f"{' or '.join(allowed)} is expected"
        )
    # A line of length zero is invalid too, but has a length like any other: 0.
    invalid = np.isin(_SHAPES, ("Polygon", "MultiPolygon"))[kinds] & ~broken
    invalid[invalid] = ~shapely.is_valid(present[invalid])
    if invalid.any():
        reason = shapely.is_valid_reason(present[invalid][0])
        yield f"geometry is invalid in {_named(index[invalid])} ({reason})"


def _named(rows: "pd.Index[Any]") -> str:
    shown = ", ".join(repr(row) for row in rows[:_EXAMPLES])
    more = f" and {len(rows) - _EXAMPLES} more" if len(rows) > _EXAMPLES else ""
    return f"row {shown}{more}"


_TEXT: Final = Column(kind="text")
_YEAR: Final = Column(kind="number", nullable=True, minimum=1800)

JUNCTIONS: Final = Table(
    name="junctions",
    columns={
        "control": Column(kind="text", required=False, nullable=True, choices=CONTROLS),
    },
    geometry=("Point",),
)
"""
Junctions (交叉口), indexed by ``junction_id``.

``control`` tells what holds drivers up there; where roads state ``signals``, those are not
to be given again.
"""

ROADS: Final = Table(
    name="roads",
    columns={
        "from_id": _TEXT,
        "to_id": _TEXT,
        "road_class": Column(kind="text", choices=ROAD_CLASSES),
        "oneway": Column(kind="flag"),
        "free_kph": Column(kind="number", above=0),
        "peak_kph": Column(kind="number", above=0),
        "signals": Column(kind="number", required=False, minimum=0),
        "status": Column(kind="text", choices=STATUSES),
        "opens": _YEAR,
        "closes": _YEAR,
        "name_zh": Column(kind="text", required=False, nullable=True),
        "project_id": Column(kind="text", required=False, nullable=True),
        "corridor_ids": Column(kind="text", required=False, nullable=True),
        "drive": Column(kind="flag", required=False),
        "walk": Column(kind="flag", required=False),
        "cycle": Column(kind="flag", required=False),
        "cycle_oneway": Column(kind="flag", required=False),
    },
    geometry=("LineString",),
)
"""
Directed roads of a network (路段), indexed by ``road_id``, drawn from → to.

``drive``, ``walk`` and ``cycle`` tell who may use a road, where that is known; without them
its class does. ``oneway`` binds drivers, ``cycle_oneway`` cyclists.
"""

STREETS: Final = Table(
    name="streets",
    columns={
        "road_class": Column(kind="text", required=False, nullable=True),
        "name_zh": Column(kind="text", required=False, nullable=True),
    },
    geometry=("LineString", "MultiLineString"),
)
"""A road layer without topology (道路图层): lines to be measured."""

FACILITIES: Final = Table(
    name="facilities",
    geometry=(
        "Point", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    ),
)  # fmt: skip
"""What serves (设施): points, or areas and lines served from their edge."""

ZONES: Final = Table(name="zones", geometry=("Polygon", "MultiPolygon"))
"""Areas to measure in (统计单元)."""

POINTS: Final = Table(name="points", geometry=("Point",))
"""Origins, destinations, places (点), indexed by their id."""

POPULATION: Final = Table(
    name="population",
    columns={"population": Column(kind="number", minimum=0)},
    geometry=("Point",),
)
"""People at points (人口点)."""


def safe_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """
    Return a frame whose texts no spreadsheet takes for formulas.

    Examples
    --------
    >>> import pandas as pd
    >>> safe_cells(pd.DataFrame({"name": ["=1+1", "五一路"], "n": [-1, 2]}))["name"].tolist()
    ["'=1+1", '五一路']
    """
    return frame.map(safe_cell)


def safe_cell(value: Any) -> Any:
    """
    Return a value, or a text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-1)
    ("'=1+1", -1)
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
