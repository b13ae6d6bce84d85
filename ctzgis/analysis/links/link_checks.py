"""Links built on paper and measured again (连接线复核)."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from shapely.ops import substring

from ctzgis.analysis.access.trip_words import ruled_by_trips
from ctzgis.analysis.access.trips import minutes_in_parts, trips
from ctzgis.analysis.columns import require_columns, whole_number
from ctzgis.analysis.links.modes import require_means
from ctzgis.analysis.links.new_roads import demand_told, link_kph, road_told
from ctzgis.crs import require_same
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.network.edits import AddRoad, Edit, UpgradeRoad
from ctzgis.progress import telling
from ctzgis.tables import POPULATION, Table
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from ctzgis.network.layers import Means
    from ctzgis.progress import Progress

__all__ = ["link_edits", "measured_links"]

_BUILT_OF: Final = ("from_id", "to_id", "to_road_id", "to_along_m", "geometry")
_NEEDED: Final = (
    *("from_id", "to_id", "to_road_id", "to_along_m", "length_m"),
    *("saved_person_min", "demand"),
)
LINKS: Final = Table(name="links", geometry=("LineString",))
"""What ``missing_links`` returns (连接线)."""


def link_edits(
    network: TravelNetwork, link: "pd.Series[Any]", *, road_class: str = "secondary"
) -> tuple[Edit, ...]:
    """
    Return the edits that build a link.

    A link that ends on a road cuts it in two at a new junction; both parts together take
    as long as the whole did.

    Parameters
    ----------
    network
        The network the link was found in.
    link
        A row of ``missing_links``, named by its id: ``from_id``, ``to_id``,
        ``to_road_id``, ``to_along_m`` and ``geometry``, in the CRS of the network.
    road_class
        Class of the new road, which gives its speed (``CLASS_KPH``).

    Returns
    -------
    tuple of Edit
        For ``network.with_edits(*edits)``: a two-way road with the id of the link and a
        speed for every profile of the network, before it what cuts the road it ends on.
        It may be walked and cycled on where the network tells who may; it is planned,
        without a year of opening.

    Raises
    ------
    InputError
        If a value of the link is missing, the class is not known, or the network has no
        such junction or road.

    Notes
    -----
    A straight road without signals: what a link saves is found for it, not for a design.

    Examples
    --------
    >>> from ctzgis.analysis.links.missing_links import missing_links
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network.edits import CloseRoad
    >>> town = gridville().with_edits(CloseRoad(road_id="r44"))
    >>> link = missing_links(town, within_m=1000).iloc[0]
    >>> town.with_edits(*link_edits(town, link)).roads
    <RoadNetwork: 220 roads, 121 junctions, 220.0 km, ...>
    """
    require_columns(link.to_frame().T, _BUILT_OF, "links")
    roads, junctions = network.roads.roads, network.roads.junctions
    new = f"{link.name}"
    speeds = {
        f"{profile}_kph": link_kph(road_class, "drive", profile)
        for profile in network.roads.profiles
    }
    values: dict[str, Any] = {
        **speeds, "road_class": road_class, "oneway": False, "status": "planned",
        "opens": np.nan, "closes": np.nan, "from_id": link["from_id"],
        "to_id": link["to_id"], "geometry": link["geometry"],
    }  # fmt: skip
    for name, nothing in (("signals", 0), ("drive", True), ("walk", True)):
        if name in roads:
            values[name] = nothing
    for name, same in (("cycle", True), ("cycle_oneway", False)):
        if name in roads:
            values[name] = same
    if link["from_id"] not in junctions.index:
        msg = (
            f"the network has no junction {link['from_id']!r}; links are of another one"
        )
        raise InputError(msg)
    if isinstance(link["to_road_id"], str):
        cut, place = _cut(roads, link, f"{new}_end")
        values["to_id"] = f"{new}_end"
        return (*cut, AddRoad(road_id=new, values=values, junctions=place))
    if link["to_id"] not in junctions.index:
        msg = f"the network has no junction {link['to_id']!r}; links are of another one"
        raise InputError(msg)
    return (AddRoad(road_id=new, values=values),)


def _cut(
    roads: "gpd.GeoDataFrame", link: "pd.Series[Any]", junction: str
) -> tuple[tuple[Edit, ...], dict[str, shapely.Point]]:
    """Return the edits that put a junction into the road where a link ends."""
    road_id, along = link["to_road_id"], float(link["to_along_m"])
    if road_id not in roads.index:
        msg = f"the network has no road {road_id!r}; links are of another one"
        raise InputError(msg)
    whole = dict(roads.loc[road_id])
    line = whole["geometry"]
    place = shapely.Point(link["geometry"].coords[-1])
    share = along / line.length
    parts = []
    for begin, end, part in ((0.0, along, share), (along, line.length, 1 - share)):
        values = {**whole, "geometry": substring(line, begin, end)}
        if "signals" in values:  # held up as long as before in all
            values["signals"] = (whole["signals"] or 0) * part
        parts.append(values)
    parts[0]["to_id"] = parts[1]["from_id"] = junction
    first = AddRoad(road_id=road_id, values=parts[0], junctions={junction: place})
    second = AddRoad(road_id=f"{road_id}_after_{link.name}", values=parts[1])
    return (UpgradeRoad(road_id=road_id, by=first), second), {junction: place}


def measured_links(
    network: TravelNetwork,
    links: "gpd.GeoDataFrame",
    *,
    first: int = 10,
    people: "gpd.GeoDataFrame | None" = None,
    around_m: float = 1000.0,
    trips_a_day: float = 1.0,
    road_class: str = "secondary",
    mode: "Means" = "drive",
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
    progress: "Progress | None" = None,
) -> pd.DataFrame:
    """
    Build each of the first links and measure every trip around it again.

    The demand is that of ``missing_links``: each person within ``around_m`` of either
    end makes ``trips_a_day`` trips to one of all of them. There, those who cross save
    what the ends save; here, each trip is found without the link and with it.

    Parameters
    ----------
    network
        The network the links were found in.
    links
        What ``missing_links`` returned.
    first
        How many to build, one at a time.
    people, around_m, trips_a_day, road_class, mode, profile, rules, progress
        As ``missing_links`` was given.

    Returns
    -------
    DataFrame
        Indexed by ``link_id``: ``estimated_person_min`` and ``measured_person_min``
        saved a day, ``measured_share`` of the estimate, ``estimated_rank``,
        ``measured_rank`` (by person-minutes a kilometre) and ``opened_trips`` a day that
        had no way before, which save no minutes. The Spearman correlation of the two
        ranks tells how far the estimate can be trusted. ``attrs["rules"]`` tells demand,
        road and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If links or people break their contract or are in another CRS.
    InputError
        If links are not those of the network, a column is missing, a number is out of
        range, or a word is not known.

    Examples
    --------
    >>> from ctzgis.analysis.links.missing_links import missing_links
    >>> from ctzgis.examples import gridville
    >>> from ctzgis.network.edits import CloseRoad
    >>> town = gridville().with_edits(CloseRoad(road_id="r44"))
    >>> links = missing_links(town, within_m=1000)
    >>> measured_links(town, links)["measured_share"].round(2).tolist()
    [1.0]
    """
    require_columns(links, _NEEDED, "links")
    LINKS.check(links)
    require_same(
        links, network.roads.junctions, left_name="links", right_name="network"
    )
    first = whole_number(first, "first")
    for name, value in (("around_m", around_m), ("trips_a_day", trips_a_day)):
        if not 0 < value < np.inf:
            msg = f"{name} is {value!r}; a number above 0 is expected"
            raise InputError(msg)
    require_means(mode)
    points = _points(network, people)
    rows = links.iloc[:first]
    found = []
    with telling("measuring links", progress) as tell:
        for k, (_, link) in enumerate(rows.iterrows()):
            tell(k / len(rows))
            near = points[points.distance(link["geometry"].boundary) <= around_m]
            built = network.with_edits(
                *link_edits(network, link, road_class=road_class)
            )
            before, after = (
                _minutes(each, near, mode, profile, rules) for each in (network, built)
            )
            found.append(_saved(near["population"].to_numpy(float), before, after))
    saved, opened = np.array(found).reshape(-1, 2).T * trips_a_day
    frame = pd.DataFrame(
        {
            "estimated_person_min": rows["saved_person_min"].to_numpy(float),
            "measured_person_min": saved,
            "opened_trips": opened,
        },
        index=rows.index,
    )
    frame.insert(2, "measured_share", saved / frame["estimated_person_min"])
    km = rows["length_m"] / 1000
    for name in ("estimated", "measured"):
        per_km = frame[f"{name}_person_min"] / km
        frame[f"{name}_rank"] = per_km.rank(ascending=False)
    kph = link_kph(road_class, mode, profile, rules)
    one_by_one = Text(
        "逐条加入路网重算", "links built one at a time and measured again"
    )
    return ruled_by_trips(
        frame, network, one_by_one, demand_told(people, around_m, trips_a_day),
        road_told(road_class, kph, mode), modes=[mode], profile=profile, rules=rules,
    )  # fmt: skip


def _points(
    network: TravelNetwork, people: "gpd.GeoDataFrame | None"
) -> "gpd.GeoDataFrame":
    """Return the people, or one at each junction."""
    junctions = network.roads.junctions
    if people is None:
        roads = network.roads.roads
        used = junctions.index.isin(pd.concat([roads["from_id"], roads["to_id"]]))
        return junctions[["geometry"]][used].assign(population=1.0)
    POPULATION.check(people)
    require_same(people, junctions, left_name="people", right_name="network")
    return people


def _minutes(
    network: TravelNetwork,
    points: "gpd.GeoDataFrame",
    mode: "Means",
    profile: str,
    rules: TravelRules,
) -> "NDArray[np.float64]":
    """Return minutes from each point to each; NaN where there is no way."""
    asked = trips(network, points, points, mode=mode, profile=profile, rules=rules)
    return np.concatenate([part for _, part in minutes_in_parts(asked)])


def _saved(
    people: "NDArray[np.float64]",
    before: "NDArray[np.float64]",
    after: "NDArray[np.float64]",
) -> tuple[float, float]:
    """Return person-minutes saved, and trips that had no way before."""
    total = people.sum()
    if not total:
        return 0.0, 0.0
    made = people[:, None] * people[None, :] / total
    opened = np.isnan(before) & ~np.isnan(after)
    return float(np.nansum(made * (before - after))), float(made[opened].sum())
