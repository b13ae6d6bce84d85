"""Time circles of several states, by several ways, free and peak, in one go (时间圈比选)."""

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import shapely

from ctzgis.analysis.access.accuracy import DATA_ACCURACY, Accuracy, settings
from ctzgis.analysis.access.circle_tables import (
    centre_table,
    edge_table,
    people_table,
    ruled_by_circle,
    slower_direction,
    times_by_mode,
)
from ctzgis.analysis.access.edges import EDGES
from ctzgis.analysis.access.isochrones import isochrones
from ctzgis.analysis.access.measured_circles import CircleStudy, MeasuredCircle
from ctzgis.analysis.access.trip_words import lasting
from ctzgis.analysis.access.trips import require_cutoff
from ctzgis.analysis.columns import named
from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, Mode, Scenario, TravelNetwork, TravelRules
from ctzgis.progress import part_of, telling
from ctzgis.tables import POPULATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ctzgis.analysis.access.accuracy import Setting
    from ctzgis.analysis.access.circle_tables import Settings
    from ctzgis.progress import Progress, Tell
    from ctzgis.texts import Text

    Ways = Mapping[str, Sequence[Mode]]

__all__ = [
    "CIRCLE_STATES",
    "CIRCLE_WAYS",
    "circle_study",
]

CIRCLE_WAYS: "Final[Ways]" = {
    "drive": ("drive",),
    "rail": ("walk+rail+walk",),
    "combined": ("drive", "walk+rail+walk", "drive+rail+walk"),
}
"""
Ways that circles are drawn for; the quickest mode of each counts.

Combined trips begin on foot or by car and end on foot or, without a train, by car:
there is no second car at a station in the centre.
"""

CIRCLE_STATES: Final = (
    Scenario(id="2020", name_zh="2020年底", name_en="End of 2020", year=2020),
    Scenario(id="2025", name_zh="2025年底", name_en="End of 2025", year=2025),
    Scenario(
        id="planned",
        name_zh="全部规划线路建成",
        name_en="With every planned line",
        year=2035,
        undated="include",
    ),
)
"""What is open in 2020 and in 2025, and everything that is drawn, dated or not."""


def circle_study(
    network: TravelNetwork,
    centres: gpd.GeoDataFrame,
    *,
    minutes: float = 30.0,
    states: "Sequence[Scenario]" = CIRCLE_STATES,
    ways: "Ways" = CIRCLE_WAYS,
    profiles: "Sequence[str]" = ("free", "peak"),
    population: gpd.GeoDataFrame | None = None,
    areas: gpd.GeoDataFrame | None = None,
    rules: TravelRules = DEFAULT_RULES,
    accuracy: Accuracy = DATA_ACCURACY,
    progress: "Progress | None" = None,
) -> CircleStudy:
    """
    Measure the time circle around centres in each state, by each way, in each profile.

    Areas and people are those from where a trip *to* the centres takes no longer; areas
    end 2 km off the strategic roads, people do not. Bands are those of
    :func:`~ctzgis.analysis.access.circles.centre_times`.

    Parameters
    ----------
    network
        Network of all years.
    centres
        Points in its CRS, indexed by id.
    minutes
        Longest trip that counts; one that takes exactly so long does.
    states
        Years or scenarios of the network.
    ways
        Modes of each way.
    profiles
        ``"free"``, ``"peak"``, or others of the roads.
    population
        Points with people in the CRS of the network; without, no shares.
    areas
        Polygons whose ids are those of centres, for times from edge to edge.
    rules, accuracy, progress
        As for ``centre_times``.

    Returns
    -------
    CircleStudy
        A circle for each state, way and profile; ``attrs["rules"]`` of its tables tells
        minutes, modes, bands and how trips are made.

    Raises
    ------
    SchemaError, CRSError
        If a frame breaks its contract or is in another CRS.
    InputError
        If the minutes are not above 0, there is no centre, state, way or profile, two
        states share an id, or a mode or profile is not known.
    EditError
        If a state does not fit the network.

    Examples
    --------
    From corner to corner of Gridville, 10 min by car:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> corners = gridville_places().loc[["south_west", "south_east"]]
    >>> study = circle_study(gridville(), corners, states=CIRCLE_STATES[:1])
    >>> study.circle("2020", "drive", "free").times["travel_time_min"].tolist()
    [10.0]
    """
    _require(centres, minutes, states, ways, profiles)
    if population is not None:
        POPULATION.check(population)
    circles: list[MeasuredCircle] = []
    with telling("time circles", progress) as tell:
        for k, state in enumerate(states):
            parts = settings(state.applied(network), rules=rules, accuracy=accuracy)
            one = part_of(tell, k / len(states), (k + 1) / len(states))
            job = _Job(parts, accuracy, centres, minutes, ways, population, areas)
            circles += _of_state(state.id, job, profiles, one)
    ordered = {(c.state, c.way, c.profile): c for c in circles}
    names = [state.id for state in states]
    return CircleStudy(
        minutes=minutes,
        states=tuple(states),
        ways=dict(ways),
        profiles=tuple(profiles),
        accuracy=accuracy,
        rules=network.settled(rules),
        centres=centres,
        population=0.0 if population is None else float(population["population"].sum()),
        circles=tuple(ordered[key] for key in product(names, ways, profiles)),
    )


def _require(
    centres: gpd.GeoDataFrame,
    minutes: float,
    states: "Sequence[Scenario]",
    ways: "Ways",
    profiles: "Sequence[str]",
) -> None:
    require_cutoff(minutes)
    named(profiles, "profiles")
    for way, modes in ways.items():
        named(modes, f"way {way!r}")
    for name, given in (
        ("centre", centres), ("state", states), ("way", ways), ("profile", profiles),
    ):  # fmt: skip
        if not len(given):
            msg = f"there is no {name}; one or more are expected"
            raise InputError(msg)
    if empty := [way for way, modes in ways.items() if not modes]:
        msg = f"way {empty[0]!r} has no modes; one or more are expected"
        raise InputError(msg)
    ids = [state.id for state in states]
    if twice := sorted({key for key in ids if ids.count(key) > 1}):
        msg = f"two states are called {twice[0]!r}; ids of their own are expected"
        raise InputError(msg)


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """One state of the network at its three settings, and what is asked of it."""

    parts: "Settings"
    accuracy: Accuracy
    centres: gpd.GeoDataFrame
    minutes: float
    ways: "Ways"
    population: gpd.GeoDataFrame | None
    areas: gpd.GeoDataFrame | None

    @property
    def modes(self) -> tuple[Mode, ...]:
        """Modes of all ways, each once."""
        return tuple(dict.fromkeys(m for modes in self.ways.values() for m in modes))

    def ruled(
        self,
        frame: pd.DataFrame,
        modes: "Sequence[Mode]",
        profile: str,
        *what: "Text",
        snapped: bool = True,
    ) -> pd.DataFrame:
        """Tell beside a new table how its trips are made."""
        return ruled_by_circle(
            frame, self.parts[0], self.accuracy, *what, modes=modes, profile=profile,
            snapped=snapped,
        )  # fmt: skip


def _of_state(
    state: str, job: _Job, profiles: "Sequence[str]", tell: "Tell"
) -> "Iterator[MeasuredCircle]":
    for k, profile in enumerate(profiles):
        tables = _tables(job, profile)
        shapes: dict[Mode, list[list[shapely.Geometry]]] = {}
        for n, mode in enumerate(job.modes):
            shapes[mode] = [_around(part, job, mode, profile) for part in job.parts]
            tell((k + (n + 1) / len(job.modes)) / len(profiles))
        for way, modes in job.ways.items():
            stated, quick, slow = (
                [
                    _whole(shapely.union_all(same))
                    for same in zip(*(shapes[mode][i] for mode in modes), strict=True)
                ]
                for i in range(3)
            )
            times, edges, people = (
                table[table["way"] == way].drop(columns="way").reset_index(drop=True)
                for table in tables
            )
            yield MeasuredCircle(
                state=state,
                way=way,
                profile=profile,
                reached=_by_count(stated),
                inner=_by_count(slow)[0],
                outer=_by_count(quick)[0],
                times=job.ruled(slower_direction(times), modes, profile),
                edge_times=job.ruled(
                    slower_direction(edges), ["drive"], profile, EDGES, snapped=False
                ),
                people=job.ruled(people, modes, profile, lasting(job.minutes)),
            )


def _tables(job: _Job, profile: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return times between centres and edges, and people, of all ways."""
    between = times_by_mode(
        job.parts, job.centres, job.centres, modes=job.modes, profile=profile
    )
    centres = centre_table(between, job.ways)
    edges = centres.iloc[:0]
    if job.areas is not None and len(job.areas) > 1:
        drives = edge_table(job.parts, job.areas, profile=profile)
        by_car = [way for way, modes in job.ways.items() if "drive" in modes]
        if by_car:
            edges = pd.concat([drives.assign(way=way) for way in by_car])
    if job.population is None or not len(job.population):
        columns = ["centres", "population", "population_share", "low_share"]
        return centres, edges, pd.DataFrame(columns=["way", *columns, "high_share"])
    homes = times_by_mode(
        job.parts, job.population, job.centres, modes=job.modes, profile=profile
    )
    people = people_table(homes, job.population, job.ways, minutes=job.minutes)
    return centres, edges, people


def _around(
    part: "Setting", job: _Job, mode: Mode, profile: str
) -> list[shapely.Geometry]:
    """Return from where each centre is reached in time."""
    found = isochrones(
        part.network, job.centres, cutoffs_min=[job.minutes], direction="to",
        mode=mode, profile=profile, rules=part.rules,
    )  # fmt: skip
    return list(found.geometry)


def _by_count(
    shapes: "Sequence[shapely.Geometry]",
) -> tuple[shapely.MultiPolygon, ...]:
    """Return what lies in at least one, two, … of some areas."""
    found = [shapely.MultiPolygon()] * len(shapes)
    for shape in shapes:
        before = [shape, *(shapely.intersection(area, shape) for area in found[:-1])]
        found = [
            _whole(shapely.union(area, more))
            for area, more in zip(found, before, strict=True)
        ]
    return tuple(found)


def _whole(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Return the areas of a shape, without lines and points where areas touch."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.multipolygons(parts[shapely.get_dimensions(parts) == 2])
