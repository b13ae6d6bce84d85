"""Parts of corridors: what is built of them, and where they break (廊道组成与断点)."""

from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse.csgraph import minimum_spanning_tree

from ctzgis.analysis.columns import named
from ctzgis.analysis.coverage.corridor_pieces import (
    joined,
    require_parts,
    stretches_m,
)
from ctzgis.analysis.rules import ruled, ruled_as

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from ctzgis.network import TravelNetwork

__all__ = [
    "built_by",
    "corridor_continuity",
    "corridor_courses",
    "corridor_gaps",
    "corridor_parts",
    "corridor_status",
]

# A break lies between so many groups of parts.
_A_BREAK: Final = 2

_PART_COLUMNS: Final = ["corridor_id", "kind", "status", "opens", "built", "length_km"]


def corridor_parts(
    network: "TravelNetwork", corridor_ids: "Sequence[str]", *, year: int
) -> "gpd.GeoDataFrame":
    """
    Return the roads and lines that carry corridors, in their final form.

    A road or line that another part of the corridor replaces is left out, so a
    corridor that is upgraded counts as built with the part whose upgrade is open. What
    has closed and is replaced by none stays, as not built.

    Parameters
    ----------
    network
        Network of all years.
    corridor_ids
        Ids of the corridors.
    year
        What opens and does not close by the end of this year is built.

    Returns
    -------
    GeoDataFrame
        One row per corridor and road or line: ``corridor_id``, ``kind`` (``"road"``
        or ``"line"``), ``status``, ``opens`` (NaN where not known), ``built``,
        ``length_km`` and the course; empty for corridors the network does not have.
        ``attrs["rules"]`` tells the year and what counts as built.

    Raises
    ------
    InputError
        If a single text is given for the ids.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> parts = corridor_parts(read_network(), ["czt_intercity"], year=2020)
    >>> parts["kind"].unique().tolist(), parts["built"].unique().tolist()
    (['line'], [True])
    """
    wanted = set(named(corridor_ids, "corridor_ids"))
    rows = [*_road_rows(network, wanted), *_line_rows(network, wanted)]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=[*_PART_COLUMNS[:4], "closes", "geometry"]),
        geometry="geometry",
        crs=network.roads.roads.crs,
    )
    opens, closes = frame["opens"].astype(float), frame["closes"].astype(float)
    frame["opens"] = opens
    opened = (opens <= year) | (opens.isna() & (frame["status"] == "built"))
    frame["built"] = opened & ~(closes <= year)
    frame["length_km"] = frame.length / 1000
    return ruled(frame[[*_PART_COLUMNS, "geometry"]], *built_by(year))


def corridor_status(
    network: "TravelNetwork", corridor_ids: "Sequence[str]", *, year: int
) -> pd.DataFrame:
    """
    Tell how much of each corridor is built by a year.

    Track that several lines share counts once.

    Parameters
    ----------
    network, corridor_ids, year
        As for :func:`corridor_parts`.

    Returns
    -------
    DataFrame
        Indexed by ``corridor_ids``: ``length_km`` in its final form, ``built_km``,
        ``built_share`` (0–1) and ``complete``, that is built without a gap (as
        :func:`corridor_gaps` finds them); lengths are 0 and the share is NaN for a
        corridor the network does not have. ``attrs["rules"]`` tells the year.

    Raises
    ------
    InputError
        If a single text is given for the ids.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> found = corridor_status(read_network(), ["czt_intercity", "none"], year=2020)
    >>> found["built_share"].tolist(), found["complete"].tolist()
    ([1.0, nan], [True, False])
    """
    parts = corridor_parts(network, corridor_ids, year=year)
    index = pd.Index(list(corridor_ids), name="corridor_id")
    length = _course_km(parts).reindex(index, fill_value=0.0)
    built = _course_km(parts[parts["built"]]).reindex(index, fill_value=0.0)
    share = (built / length.where(length > 0)).rename("built_share")
    complete = share.notna() & ~index.isin(corridor_gaps(parts)["corridor_id"])
    frame = pd.DataFrame(
        {
            "length_km": length,
            "built_km": built,
            "built_share": share,
            "complete": complete,
        }
    )
    return ruled(frame, *built_by(year))


def corridor_courses(
    parts: gpd.GeoDataFrame, *, built: bool | None = None
) -> gpd.GeoDataFrame:
    """
    Join the parts of each corridor into one course.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    built
        Whether only what is built counts, or only what is not; all if not given.

    Returns
    -------
    GeoDataFrame
        Indexed by ``corridor_id``: ``length_km`` and the course; track or road that
        parts share counts once. Corridors without a part are left out.
        ``attrs["rules"]`` is that of ``parts``.

    Raises
    ------
    SchemaError, CRSError
        If parts break their contract or are not in true metres.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> from ctzgis.analysis.coverage.corridor_parts import corridor_parts
    >>> parts = corridor_parts(read_network(), ["czt_intercity"], year=2020)
    >>> corridor_courses(parts)["length_km"].round(1).to_dict()  # published: 104.36
    {'czt_intercity': 101.8}
    """
    require_parts(parts)
    kept = parts if built is None else parts[parts["built"] == built]
    courses = {
        str(key): shapely.line_merge(group.geometry.union_all())
        for key, group in kept.groupby("corridor_id", sort=False)
    }
    frame = gpd.GeoDataFrame(
        geometry=list(courses.values()),
        index=pd.Index(list(courses), name="corridor_id"),
        crs=parts.crs,
    )
    frame.insert(0, "length_km", frame.length / 1000)
    return ruled_as(frame, parts)


def corridor_gaps(
    parts: "gpd.GeoDataFrame", *, tolerance_m: float = 50.0
) -> "gpd.GeoDataFrame":
    """
    List where each corridor is missing: stretches not built, breaks between parts.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    tolerance_m
        Ends nearer than this count as joined.

    Returns
    -------
    GeoDataFrame
        ``corridor_id``, ``kind`` (``"unbuilt"`` or ``"break"``), ``length_km`` and the
        stretch, or the shortest line across the break. A stretch that another part of
        the corridor has built is none. ``attrs["rules"]`` tells the tolerance.

    Raises
    ------
    SchemaError, CRSError
        If parts break their contract or are not in true metres.
    InputError
        If the tolerance is below 0.

    Notes
    -----
    No document says when a corridor is broken: the tolerance is this library's, that of
    the drawn courses.

    Examples
    --------
    >>> from shapely import LineString
    >>> x, y = 500_000, 3_100_000
    >>> parts = gpd.GeoDataFrame(
    ...     {"corridor_id": "ring", "built": [True, False]},
    ...     geometry=[LineString([(x, y), (x + 3_000, y)]),
    ...               LineString([(x + 3_200, y), (x + 4_200, y)])], crs="EPSG:4547")
    >>> corridor_gaps(parts)[["kind", "length_km"]].to_dict("list")
    {'kind': ['unbuilt', 'break'], 'length_km': [1.0, 0.2]}
    """
    require_parts(parts, tolerance_m)
    rows: list[tuple[str, str, BaseGeometry]] = []
    for corridor_id, group in parts.groupby("corridor_id", sort=False):
        built = group["built"]
        missing = shapely.difference(
            group.geometry[~built].union_all(), group.geometry[built].union_all()
        )
        rows += [
            (str(corridor_id), "unbuilt", stretch)
            for stretch in shapely.get_parts(shapely.line_merge(missing))
        ]
        rows += [
            (str(corridor_id), "break", line)
            for line in _breaks(np.asarray(group.geometry.array), tolerance_m)
        ]
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["corridor_id", "kind", "geometry"]),
        geometry="geometry",
        crs=parts.crs,
    )
    frame["length_km"] = frame.length / 1000
    return ruled(
        frame,
        f"端点相距不到{tolerance_m:g}米视为相接",
        f"ends nearer than {tolerance_m:g} m count as joined",
    )


def corridor_continuity(
    parts: gpd.GeoDataFrame, *, tolerance_m: float = 50.0
) -> pd.DataFrame:
    """
    Tell in how many stretches each corridor is built, and how long the longest is.

    Parameters
    ----------
    parts
        Parts as :func:`corridor_parts` gives them.
    tolerance_m
        Ends nearer than this count as joined, as in :func:`corridor_gaps`.

    Returns
    -------
    DataFrame
        Indexed by ``corridor_id``: ``length_km`` (in its final form), ``built_km``,
        ``stretches`` (built, joined), ``longest_km`` and ``continuous_share`` (the
        longest over the whole, 0–1, NaN where all lines have length zero). Corridors
        without a part are left out. ``attrs["rules"]`` tells the tolerance.

    Raises
    ------
    SchemaError, CRSError
        If parts break their contract or are not in true metres.
    InputError
        If the tolerance is below 0.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> from ctzgis.analysis.coverage.corridor_parts import corridor_parts
    >>> parts = corridor_parts(read_network(), ["czt_intercity"], year=2020)
    >>> corridor_continuity(parts)[["stretches", "continuous_share"]].iloc[0].tolist()
    [1.0, 1.0]
    """
    require_parts(parts, tolerance_m)
    rows = {}
    for key, group in parts.groupby("corridor_id", sort=False):
        whole = group.geometry.union_all().length
        lines = np.asarray(group.geometry[group["built"]].array)
        lengths = stretches_m(lines, tolerance_m)
        built, longest = sum(lengths), max(lengths, default=0.0)
        share = longest / whole if whole else np.nan
        rows[str(key)] = whole / 1000, built / 1000, len(lengths), longest / 1000, share
    names = ["length_km", "built_km", "stretches", "longest_km", "continuous_share"]
    index = pd.Index(list(rows), name="corridor_id")
    return ruled(
        pd.DataFrame(list(rows.values()), index=index, columns=names),
        f"端点相距不到{tolerance_m:g}米视为相接",
        f"ends nearer than {tolerance_m:g} m count as joined",
    )


def built_by(year: int) -> tuple[str, str]:
    """Tell, in both languages, what counts as built by a year."""
    return (
        f"至{year}年底开通且未关闭的路段与线路；共用轨道计一次",
        f"roads and lines open and not closed by the end of {year}; shared track once",
    )


def _course_km(parts: "gpd.GeoDataFrame") -> "pd.Series[float]":
    """Measure each corridor, track that its parts share once."""
    courses = {
        corridor_id: group.geometry.union_all().length / 1000
        for corridor_id, group in parts.groupby("corridor_id", sort=False)
    }
    return pd.Series(courses, dtype="float64")


def _road_rows(network: "TravelNetwork", wanted: set[str]) -> list[tuple[object, ...]]:
    roads = network.roads.roads
    if "corridor_ids" not in roads:
        return []
    tagged = roads[roads["corridor_ids"].notna()]
    replaces = tagged["replaces"] if "replaces" in roads else [None] * len(tagged)
    tags = [text.split(";") for text in tagged["corridor_ids"]]
    replaced = {
        (tag, old) for own, old in zip(tags, replaces, strict=True) for tag in own
    }
    return [
        (tag, "road", *values)
        for own, road_id, *values in zip(
            tags,
            tagged.index,
            tagged["status"],
            tagged["opens"],
            tagged["closes"],
            tagged.geometry,
            strict=True,
        )
        for tag in own
        if tag in wanted and (tag, road_id) not in replaced
    ]


def _line_rows(network: "TravelNetwork", wanted: set[str]) -> list[tuple[object, ...]]:
    lines = network.lines
    replaced = {(tag, line.replaces) for line in lines for tag in line.corridors}
    return [
        (tag, "line", line.status, line.opens, line.closes, line.path(first, last))
        for line in lines
        for tag, (first, last) in line.corridors.items()
        if tag in wanted and (tag, line.id) not in replaced
    ]


def _breaks(lines: "NDArray[np.object_]", tolerance_m: float) -> "list[BaseGeometry]":
    """Return the shortest lines that would join the parts into one."""
    groups = [shapely.union_all(group) for group in joined(lines, tolerance_m)]
    if len(groups) < _A_BREAK:
        return []
    gaps = np.array([[a.distance(b) for b in groups] for a in groups])
    tree = minimum_spanning_tree(gaps).tocoo()
    return [
        shapely.shortest_line(groups[i], groups[j])
        for i, j in zip(tree.row, tree.col, strict=True)
    ]
