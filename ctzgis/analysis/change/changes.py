"""What differs between two networks: roads and lines (网络变化)."""

from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from ctzgis.analysis.rules import ruled
from ctzgis.crs import require_same
from ctzgis.network.speeds import of_profile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from ctzgis.network import TransitLine, TravelNetwork

__all__ = ["line_changes", "road_changes"]

# Columns of roads that decide how they are travelled, besides speeds.
_TRAVELLED: Final = (
    "from_id", "to_id", "road_class", "oneway", "signals", "drive", "walk", "cycle",
    "cycle_oneway",
)  # fmt: skip
_SAME_M: Final = 0.5


def road_changes(before: "TravelNetwork", after: "TravelNetwork") -> gpd.GeoDataFrame:
    """
    List the roads that are added, closed or upgraded from one network to another.

    A road is upgraded if it is travelled otherwise under its own id, if a new one says
    that it replaces it, or if a new one has taken its place between the same junctions.

    Parameters
    ----------
    before, after
        Networks of one year each, in one CRS: ``network.at(year)`` or
        ``scenario.applied(network)``.

    Returns
    -------
    GeoDataFrame
        In the CRS of the networks: ``road_id`` (after, or of what is closed), ``change``
        (``"added"``, ``"closed"``, ``"upgraded"``), ``replaced_id``, ``name_zh`` (if any
        road has one), and before (``…_before``) and after ``road_class``, speeds in km/h
        of every profile (``free_kph``, …) and ``road_km``; NaN or nothing where there is
        no road; in the order of the roads, what is closed last. ``attrs["rules"]`` says
        what is a change.

    Raises
    ------
    CRSError
        If the networks differ in CRS.

    Notes
    -----
    A comparison of this library, of ids and of what trips depend on; names do not count.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network import CloseRoad
    >>> town = gridville()
    >>> closed = road_changes(town, town.with_edits(CloseRoad(road_id="r0")))
    >>> closed[["road_id", "change", "road_km_before"]].values.tolist()
    [['r0', 'closed', 1.0]]
    """
    _require_one_crs(before, after)
    old, new = before.roads.roads, after.roads.roads
    speeds = _speeds(before, after)
    rows = _changed_rows(old, new, speeds)
    after_ids = [key if kind != "closed" else None for key, kind, _ in rows]
    then, now = (
        frame.reindex([key if key is not None else _NO_ROW for key in keys])
        for frame, keys in ((old, [r[2] for r in rows]), (new, after_ids))
    )
    shapes = np.where(now.geometry.isna(), then.geometry, now.geometry)
    found: dict[str, Any] = {
        "road_id": pd.Series([r[0] for r in rows], dtype=object),
        "change": pd.Series([r[1] for r in rows], dtype=object),
        "replaced_id": pd.Series(
            [r[2] if r[1] == "upgraded" else None for r in rows], dtype=object
        ),
    }
    if "name_zh" in old or "name_zh" in new:
        names = [f["name_zh"].to_numpy(object) for f in (now, then) if "name_zh" in f]
        found["name_zh"] = names[0] if len(names) == 1 else _first(*names)
    for column in ("road_class", *speeds):
        for frame, name in ((then, f"{column}_before"), (now, column)):
            found[name] = frame[column].to_numpy() if column in frame else np.nan
    found["road_km_before"] = then.geometry.length.to_numpy() / 1000
    found["road_km"] = now.geometry.length.to_numpy() / 1000
    return ruled(
        gpd.GeoDataFrame(found, geometry=list(shapes), crs=before.roads.crs),
        f"按编号比较；两端、等级、通行条件、车速有别，或长度相差超过{_SAME_M:g}米者为变化",
        "roads compared by id; changed where ends, class, use or speed differ, or length by "
        f"more than {_SAME_M:g} m",
    )


def _require_one_crs(before: "TravelNetwork", after: "TravelNetwork") -> None:
    require_same(
        before.roads.junctions, after.roads.junctions,
        left_name="before", right_name="after",
    )  # fmt: skip


def _changed_rows(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, speeds: list[str]
) -> list[tuple[Any, str, Any]]:
    """Return what has changed: id, how, and id before."""
    taken = _replaced(old, new)
    kept = new.index.intersection(old.index)
    differs = _travelled_otherwise(old.loc[kept], new.loc[kept], speeds)
    otherwise = set(kept[differs])
    rows: list[tuple[Any, str, Any]] = []
    for key in new.index:
        if key in taken:
            rows.append((key, "upgraded", taken[key]))
        elif key in otherwise:
            rows.append((key, "upgraded", key))
        elif key not in old.index:
            rows.append((key, "added", None))
    replaced = set(taken.values())
    gone = old.index.difference(new.index, sort=False)
    return rows + [(key, "closed", key) for key in gone if key not in replaced]


# No road has this id: the row of what is not there.
_NO_ROW: Final = "\0"


def _first(one: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> Any:
    return np.where(pd.isna(one), other, one)


def _speeds(before: "TravelNetwork", after: "TravelNetwork") -> list[str]:
    """Return the columns of speeds that drivers keep to, of either network."""
    profiles = dict.fromkeys([*before.roads.profiles, *after.roads.profiles])
    return [f"{profile}_kph" for profile in profiles]


def _replaced(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> dict[Any, Any]:
    """Return the road that each new one has taken the place of."""
    gone = old.loc[old.index.difference(new.index, sort=False)]
    come = new.loc[new.index.difference(old.index, sort=False)]
    taken: dict[Any, Any] = {}
    if "replaces" in come:
        told = come["replaces"][come["replaces"].isin(gone.index)]
        taken |= dict(zip(told.index, told, strict=True))
    left = gone[~gone.index.isin(list(taken.values()))]
    free = come[~come.index.isin(list(taken))]
    by_ends = [
        pd.Series(
            frame.index,
            index=[
                tuple(sorted(map(str, ends)))
                for ends in zip(frame["from_id"], frame["to_id"], strict=True)
            ],
            dtype=object,
        )
        for frame in (left, free)
    ]
    # Only where one road alone runs between two junctions is it clear which is which.
    alone = [found[~found.index.duplicated(keep=False)] for found in by_ends]
    there = dict(zip(alone[0].index, alone[0], strict=True))
    for ends, key in alone[1].items():
        if ends in there:
            taken[key] = there[ends]
    return taken


def _travelled_otherwise(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, speeds: list[str]
) -> "NDArray[np.bool_]":
    """Tell which roads are travelled otherwise in the second frame than in the first."""
    differs: NDArray[np.bool_]
    differs = np.abs(old.length.to_numpy() - new.length.to_numpy()) > _SAME_M
    for column in (*_TRAVELLED, *speeds):
        if (column in old) != (column in new):
            continue
        if column in old:
            one, other = (f[column].to_numpy(dtype=object) for f in (old, new))
            both_missing = pd.isna(one) & pd.isna(other)
            differs |= (one != other) & ~both_missing
    return differs


def line_changes(before: "TravelNetwork", after: "TravelNetwork") -> gpd.GeoDataFrame:
    """
    List the lines that are added, closed or upgraded from one network to another.

    A line is upgraded if it runs otherwise under its own id, or if a new one replaces
    it. Its name and the course it is drawn with do not count.

    Parameters
    ----------
    before, after
        As for :func:`road_changes`.

    Returns
    -------
    GeoDataFrame
        In the CRS of the networks: ``line_id``, ``change`` (``"added"``, ``"closed"``,
        ``"upgraded"``), ``replaced_id``, ``name_zh``, ``mode``, and before (``…_before``)
        and after ``line_km`` (of its drawn course), ``run_min`` (from its first stop to
        its last), ``free_headway_min`` and ``peak_headway_min``; NaN where there is no
        line; in the order of the lines, what is closed last. ``attrs["rules"]`` says what
        is a change.

    Raises
    ------
    CRSError
        If the networks differ in CRS.

    Notes
    -----
    A comparison of this library, of ids and of what trips depend on.

    Examples
    --------
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network import ChangeHeadway
    >>> town = gridville()
    >>> twice = ChangeHeadway(line_id="cross_town", headway_min={"free": 2})
    >>> found = line_changes(town, town.with_edits(twice))
    >>> found[["change", "free_headway_min_before", "free_headway_min"]].values.tolist()
    [['upgraded', 4.0, 2.0]]
    """
    _require_one_crs(before, after)
    old, new = ({x.id: x for x in network.lines} for network in (before, after))
    gone = set(old) - set(new)
    rows: list[tuple[str, str, TransitLine | None, TransitLine | None]] = []
    for key, line in new.items():
        if key in old:
            if _runs(old[key]) != _runs(line):
                rows.append((key, "upgraded", old[key], line))
        elif line.replaces in gone:
            rows.append((key, "upgraded", old[line.replaces], line))
        else:
            rows.append((key, "added", None, line))
    replaced = {then.id for _, _, then, _ in rows if then is not None}
    rows += [(k, "closed", old[k], None) for k in old if k in gone - replaced]
    latest = [now or then for _, _, then, now in rows]
    found: dict[str, Any] = {
        "line_id": pd.Series([row[0] for row in rows], dtype=object),
        "change": pd.Series([row[1] for row in rows], dtype=object),
        "replaced_id": pd.Series(
            [r[2].id if r[2] and r[1] == "upgraded" else None for r in rows],
            dtype=object,
        ),
        "name_zh": pd.Series([x.name_zh for x in latest if x], dtype=object),
        "mode": pd.Series([x.mode for x in latest if x], dtype=object),
    }
    figures = [(_figures(r[2]), _figures(r[3])) for r in rows]
    for name in _figures(None):
        found[f"{name}_before"] = np.array([f[0][name] for f in figures], dtype=float)
        found[name] = np.array([f[1][name] for f in figures], dtype=float)
    shapes = [x.path() for x in latest if x]
    return ruled(
        gpd.GeoDataFrame(found, geometry=shapes, crs=before.roads.crs),
        "按编号比较；方式、车站、区间时间、停站、发车间隔或单向运行有别者为变化",
        "lines compared by id; changed where mode, stops, times, headways or one-way running "
        "differ",
    )


def _runs(line: "TransitLine") -> tuple[Any, ...]:
    """Return what decides how a line is travelled."""
    return line.mode, line.stops, dict(line.headway_min), line.one_way


def _figures(line: "TransitLine | None") -> "Mapping[str, float]":
    """Return a line's figures; NaN if there is none."""
    if line is None:
        names: Iterable[str]
        names = ("line_km", "run_min", "free_headway_min", "peak_headway_min")
        return dict.fromkeys(names, np.nan)
    run = sum(stop.run_min for stop in line.stops[:-1])
    return {
        "line_km": sum(section.length for section in line.sections) / 1000,
        "run_min": run + sum(stop.dwell_min for stop in line.stops[1:-1]),
        "free_headway_min": of_profile(line.headway_min, "free"),
        "peak_headway_min": of_profile(line.headway_min, "peak"),
    }
