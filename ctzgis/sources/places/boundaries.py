"""Read a user's county boundaries in place of a plan's own (行政区划边界)."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from ctzgis.crs import REGION_CRS, area_km2, in_region
from ctzgis.errors import CRSError, InputError, SchemaError
from ctzgis.provenance import Change, ReadReport
from ctzgis.sources.formats.files import file_source
from ctzgis.sources.formats.vector import read_vector
from ctzgis.sources.places.divisions import match_counties
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import NDArray

    from ctzgis.plan import Extent, Plan
    from ctzgis.provenance import Source

    Shapes = NDArray[np.object_]

__all__ = ["read_boundaries", "with_boundaries"]

# A drawing error of 5 m along a border of 20 km.
_TOLERANCE_KM2: Final = 0.1
_AREA_SHARE: Final = 0.05
_SAME_SHARE: Final = 0.01
_SQUARE_M_PER_KM2: Final = 1e6
_SHOWN: Final = 5
_FARTHEST: Final = 1e9  # 25 times around the Earth in metres
_AREAL: Final = ("Polygon", "MultiPolygon")


def read_boundaries(
    path: Path | str, counties: "gpd.GeoDataFrame"
) -> "tuple[gpd.GeoDataFrame, Source]":
    """
    Read outlines of a plan's counties from a user's file.

    A row belongs to a county by its division code (行政区划代码: 6 digits; of 9 or 12
    the first 6 count) or, if that matches fewer counties, by its name, with or without
    区, 县 or 市 where that is unambiguous. The field is found by its name and content
    and told in the report. Rows of no county are left out; several rows of one county
    are joined; invalid outlines are repaired; all of it is told.

    Parameters
    ----------
    path
        A vector file of polygons in any CRS.
    counties
        The plan's own, indexed by code, with ``name_zh``, ``name_en`` and ``city_zh``.

    Returns
    -------
    GeoDataFrame, Source
        ``counties`` with the outlines of the file, in EPSG:4547. The report names
        counties whose area differs by more than 5 %, and overlaps and gaps of more
        than 0.1 km².

    Raises
    ------
    SourceError
        If the file is missing or cannot be read.
    CRSError
        If it has no CRS, or one that cannot be converted.
    InputError
        If it lacks a county or has one twice, holds other things than polygons there,
        or shows a county where it is not.

    Examples
    --------
    >>> from ctzgis import read_boundaries, read_plan
    >>> from ctzgis.sources.formats.files import data_folder
    >>> own = data_folder() / "plans" / "gridville" / "counties.geojson"
    >>> _, source = read_boundaries(own, read_plan("gridville").counties)
    >>> source.report.fields
    {'code': 'code'}
    """
    path = Path(path)
    read = read_vector(path)
    layer = read.frame
    if layer.crs is None:
        msg = f"{path.name} has no CRS; name the one its coordinates are in"
        raise CRSError(msg)
    own = counties.to_crs(REGION_CRS)
    match = match_counties(layer, own, path.name)
    inside = match.codes != ""
    outlines, codes, changes = _outlines(
        layer[inside], match.codes[inside], own, path.name, by=match.by
    )
    joined, several = _joined(outlines, codes, list(own.index), path.name)
    found = own.set_geometry(_bare(joined, REGION_CRS).geometry.set_axis(own.index))
    changes = [
        Change(
            action="dropped",
            what=Text("不属于规划区县的行", "rows of no county of the plan"),
            count=int((~inside).sum()),
        ),
        *changes,
        several,
        _overlaps(found),
        _gaps(found, own),
        _other_areas(found, own),
    ]
    report = ReadReport(
        rows_in=len(layer),
        rows_kept=len(codes),
        unit=Text("个边界", "outlines"),
        changes=tuple(change for change in changes if change.count),
        crs_in=_crs_name(layer.crs),
        crs_out=REGION_CRS,
        encoding=read.encoding,
        fields={match.by: match.field},
    )
    return found, file_source(
        path,
        what=Text(
            f"用户提供的{len(found)}个县（市、区）界",
            f"boundaries of {len(found)} counties given by the user",
        ),
        crs=report.crs_in,
        notes=read.notes,
        report=report,
    )


def with_boundaries(
    plan: "Plan", path: Path | str, *, replaces: str = "counties.geojson"
) -> "Plan":
    """
    Return a plan whose counties, and what is made of them, follow a user's file.

    An extent that is the union of its counties, or was drawn as such with something
    added, gets the new outlines; what was added stays. Everything else that was drawn
    stays as it is, and as schematic as it was.

    Parameters
    ----------
    plan
        The plan with its own boundaries.
    path
        As for :func:`read_boundaries`.
    replaces
        Name of the source that the file takes the place of; it is added if there is
        none of that name.

    Raises
    ------
    SourceError, InputError
        As for :func:`read_boundaries`.
    """
    counties, source = read_boundaries(path, plan.counties)
    extents = tuple(
        _moved(e, plan.counties, counties, source.name) for e in plan.extents
    )
    stay = [
        e.id
        for e, new in zip(plan.extents, extents, strict=True)
        if new is e and e.counties and e.shape
    ]
    notes = [
        Text(
            "未注明精度：由其构成的范围沿用原有精度",
            "accuracy not stated: extents made of it keep the accuracy they had",
        )
    ]
    if stay:
        names = ", ".join(stay)
        notes.append(
            Text(
                f"不按区县绘制的范围保持不变：{names}",
                f"extents drawn apart from their counties stay: {names}",
            )
        )
    source = replace(source, notes=(*source.notes, *notes), replaces=replaces)
    sources = [source if s.name == replaces else s for s in plan.sources]
    if source not in sources:
        sources.append(source)
    return replace(plan, counties=counties, extents=extents, sources=tuple(sources))


def _outlines(
    rows: "gpd.GeoDataFrame",
    codes: "NDArray[np.object_]",
    own: "gpd.GeoDataFrame",
    name: str,
    *,
    by: str,
) -> "tuple[Shapes, NDArray[np.object_], list[Change]]":
    """Return valid outlines in the region's CRS, their codes, and what was done."""
    shapes, repaired = _polygons(rows, name)
    changes = [
        _change("repaired", Text("无效的边界", "invalid outlines"), repaired, codes)
    ]
    there = _in_place(shapes, codes, own)
    if by == "name_zh":
        strays = ~there & np.isin(codes, codes[there])
        what = Text("别处的同名区县", "counties of the same name elsewhere")
        changes.append(_change("dropped", what, strays, codes))
        shapes, codes, there = shapes[~strays], codes[~strays], there[~strays]
    _require_in_place(there, codes, own, name)
    return shapes, codes, changes


def _polygons(
    rows: "gpd.GeoDataFrame", name: str
) -> "tuple[Shapes, NDArray[np.bool_]]":
    """Return the outlines in the region's CRS, and which had to be made valid."""
    shapes = shapely.force_2d(np.asarray(rows.geometry.array, dtype=object))
    problems = []
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.any():
        problems.append(f"geometry is missing or empty in {_named(rows.index[empty])}")
    kinds = np.array(["" if s is None else s.geom_type for s in shapes], dtype=object)
    wrong = ~empty & ~np.isin(kinds, _AREAL)
    if wrong.any():
        found = ", ".join(sorted(set(kinds[wrong])))
        problems.append(
            f"geometry is {found} in {_named(rows.index[wrong])}; Polygon or "
            "MultiPolygon is expected"
        )
    if problems:
        raise SchemaError(name, problems)
    _require_numbers(shapes, rows.index, name)
    frame = in_region(_bare(shapes, rows.crs), name)
    shapes = np.asarray(frame.geometry.array, dtype=object).copy()
    _require_numbers(shapes, rows.index, name)
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = [_areal(shapely.make_valid(shape)) for shape in shapes[invalid]]
    if shapely.is_empty(shapes).any():
        flat = rows.index[shapely.is_empty(shapes)]
        raise SchemaError(name, [f"geometry has no area in {_named(flat)}"])
    return shapes, invalid


def _require_numbers(shapes: "Shapes", rows: "pd.Index[Any]", name: str) -> None:
    coordinates, owner = shapely.get_coordinates(shapes, return_index=True)
    # Not so of NaN either.
    broken = np.unique(owner[~(np.abs(coordinates) < _FARTHEST).all(axis=1)])
    if len(broken):
        found = f"geometry has coordinates outside its CRS in {_named(rows[broken])}"
        raise SchemaError(name, [found])


def _areal(shape: Any) -> Any:
    """Return the polygons of a geometry, without lines and points."""
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return shapely.union_all([part for part in parts if part.geom_type in _AREAL])


def _bare(shapes: "Shapes", crs: Any) -> "gpd.GeoDataFrame":
    import geopandas as gpd

    return gpd.GeoDataFrame(geometry=list(shapes), crs=crs)


def _in_place(
    shapes: "Shapes", codes: "NDArray[np.object_]", own: "gpd.GeoDataFrame"
) -> "NDArray[np.bool_]":
    """Tell which outlines touch the plan's own outline of their county."""
    known = np.asarray(own.geometry.loc[list(codes)].array, dtype=object)
    there: NDArray[np.bool_] = shapely.intersects(shapes, known)
    return there


def _require_in_place(
    there: "NDArray[np.bool_]",
    codes: "NDArray[np.object_]",
    counties: "gpd.GeoDataFrame",
    name: str,
) -> None:
    lost = [c for c in counties.index if c not in set(codes[there])]
    if lost:
        shown = ", ".join(f"{c} {counties.at[c, 'name_zh']}" for c in lost[:_SHOWN])
        more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
        msg = (
            f"{name}: {shown}{more} lie elsewhere than in the plan; check the CRS (a "
            "missing zone prefix, swapped axes) and the codes"
        )
        raise InputError(msg)


def _joined(
    shapes: "Shapes", codes: "NDArray[np.object_]", wanted: list[str], name: str
) -> "tuple[Shapes, Change]":
    """Return one outline for each county, and how many were made of several rows."""
    joined, several = [], []
    for code in wanted:
        parts = shapes[codes == code]
        whole = shapely.union_all(parts) if len(parts) > 1 else parts[0]
        areas = shapely.area(parts)
        over = areas.sum() - shapely.area(whole)
        if len(parts) > 1 and over > _SAME_SHARE * areas.min():
            msg = (
                f"{name}: county {code} stands {len(parts)} times with outlines that "
                f"overlap by {over / _SQUARE_M_PER_KM2:,.2f} km²; keep one of them"
            )
            raise InputError(msg)
        if len(parts) > 1:
            several.append(f"{code} of {len(parts)}")
        joined.append(whole)
    change = Change(
        action="repaired",
        what=Text("由多行合并的区县", "counties joined of several rows"),
        count=len(several),
        rows=tuple(several[:_SHOWN]),
    )
    return np.array(joined, dtype=object), change


def _overlaps(counties: "gpd.GeoDataFrame") -> Change:
    shapes = np.asarray(counties.geometry.array, dtype=object)
    first, second = counties.sindex.query(shapes, predicate="intersects")
    first, second = first[first < second], second[first < second]
    shared = shapely.area(shapely.intersection(shapes[first], shapes[second]))
    shared /= _SQUARE_M_PER_KM2
    pairs = [
        (km2, f"{counties.index[a]} and {counties.index[b]} {km2:,.2f} km²")
        for km2, a, b in zip(shared, first, second, strict=True)
        if km2 > _TOLERANCE_KM2
    ]
    return _areas_noticed(Text("区县重叠处", "overlaps of counties"), pairs)


def _gaps(counties: "gpd.GeoDataFrame", own: "gpd.GeoDataFrame") -> Change:
    """Notice holes between counties where the plan's own have none."""
    whole = shapely.union_all(np.asarray(counties.geometry.array, dtype=object))
    outer = [shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)]
    holes = shapely.difference(shapely.union_all(outer), whole)
    gaps = shapely.intersection(holes, own.geometry.union_all())
    pairs = []
    for gap in shapely.get_parts(gaps):
        km2 = shapely.area(gap) / _SQUARE_M_PER_KM2
        if km2 > _TOLERANCE_KM2:
            at = shapely.centroid(gap)
            pairs.append((km2, f"{km2:,.2f} km² at {at.x:,.0f} {at.y:,.0f}"))
    return _areas_noticed(Text("区县间的缝隙", "gaps between counties"), pairs)


def _areas_noticed(what: Text, pairs: list[tuple[float, str]]) -> Change:
    pairs = sorted(pairs, reverse=True)
    total = sum(km2 for km2, _ in pairs)
    return Change(
        action="noticed",
        what=Text(
            f"{what.zh}，共 {total:,.2f} km²", f"{what.en}, {total:,.2f} km² in all"
        ),
        count=len(pairs),
        rows=tuple(text for _, text in pairs[:_SHOWN]),
    )


def _other_areas(counties: "gpd.GeoDataFrame", own: "gpd.GeoDataFrame") -> Change:
    new, old = area_km2(counties), area_km2(own)
    share = new / old - 1
    far = [
        f"{code} {counties.at[code, 'name_zh']} {old[code]:,.1f} → {new[code]:,.1f} km²"
        f" ({share[code]:+.1%})"
        for code in counties.index
        if abs(share[code]) > _AREA_SHARE
    ]
    return Change(
        action="noticed",
        what=Text(
            "面积与规划自带边界相差 5% 以上的区县",
            "counties whose area differs from the plan's own by more than 5 %",
        ),
        count=len(far),
        rows=tuple(far),
    )


def _moved(
    extent: "Extent", old: "gpd.GeoDataFrame", new: "gpd.GeoDataFrame", file: str
) -> "Extent":
    """Return an extent made of counties with their new outlines."""
    if not extent.counties or extent.shape is None:
        return extent
    codes = list(extent.counties)
    before = old.geometry.loc[codes].union_all()
    after = new.geometry.loc[codes].union_all()
    drawn = extent.shape.geometry
    if before.difference(drawn).area > _SAME_SHARE * before.area:
        return extent
    added = [
        part
        for part in shapely.get_parts(drawn.difference(before))
        if part.area > _SQUARE_M_PER_KM2
    ]
    # Slivers of a simplified drawing are no addition; a disc for a town is.
    shape = replace(
        extent.shape,
        geometry=shapely.union_all([after, *added]),
        source=f"{extent.shape.source}; counties from {file}",
    )
    return replace(extent, shape=shape)


def _change(
    action: Any, what: Text, which: "NDArray[np.bool_]", codes: "NDArray[np.object_]"
) -> Change:
    rows = tuple(map(str, codes[which]))
    return Change(action=action, what=what, count=len(rows), rows=rows[:_SHOWN])


def _named(rows: "pd.Index[Any]") -> str:
    shown = ", ".join(repr(row) for row in rows[:_SHOWN])
    return f"row {shown}" + (", …" if len(rows) > _SHOWN else "")


def _crs_name(crs: Any) -> str:
    authority = crs.to_authority()
    return ":".join(authority) if authority else str(crs.name)
