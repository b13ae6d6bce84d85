"""Time circles as measured, and many of them side by side (实测时间圈)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd

from ctzgis.analysis.access.trip_words import lasting, trips_told
from ctzgis.analysis.rules import in_one, ruled
from ctzgis.errors import InputError
from ctzgis.texts import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import shapely

    from ctzgis.analysis.access.accuracy import Accuracy
    from ctzgis.network import Mode, Scenario, TravelRules

    Ways = Mapping[str, Sequence[Mode]]

__all__ = ["CircleStudy", "MeasuredCircle"]

_FIGURES: Final = (
    *("state", "way", "profile", "figure", "from_id", "to_id", "centres"),
    *("value", "low", "high", "unit"),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeasuredCircle:
    """
    A time circle as it is: in one state, by one way, in one profile.

    Attributes
    ----------
    state, way, profile
        Of what.
    reached
        From where one gets to at least one, two, … centres in time, in the CRS of the
        network.
    inner, outer
        From where one gets to at least one on the network at its slowest and quickest.
    times
        Centre to centre, the slower direction: ``from_id``, ``to_id``,
        ``travel_time_min``, ``low_min``, ``high_min``.
    edge_times
        Edge to edge by car, as ``times``; empty if the way has no car or no areas are
        given.
    people
        ``centres``, ``population``, ``population_share``, ``low_share``, ``high_share``,
        as ``people_reached`` gives them; empty if nobody is given.

    ``attrs["rules"]`` of the tables tells how their trips are made.
    """

    state: str
    way: str
    profile: str
    reached: "tuple[shapely.MultiPolygon, ...]"
    inner: "shapely.MultiPolygon"
    outer: "shapely.MultiPolygon"
    times: pd.DataFrame
    edge_times: pd.DataFrame
    people: pd.DataFrame

    def figures(self) -> "Iterator[tuple[object, ...]]":
        """Yield a row of :meth:`CircleStudy.figures` for each figure."""
        key = self.state, self.way, self.profile
        tables = (("centre_time", self.times), ("edge_time", self.edge_times))
        for figure, table in tables:
            for a, b, *band in table.itertuples(index=False, name=None):
                yield *key, figure, a, b, None, *band, "min"
        shares = ("centres", "population_share", "low_share", "high_share")
        for count, *band in self.people[list(shares)].itertuples(
            index=False, name=None
        ):
            yield *key, "population_share", None, None, count, *band, "1"
        sizes = (
            shape.area / 1e6 for shape in (self.reached[0], self.inner, self.outer)
        )
        yield *key, "area", None, None, 1, *sizes, "km²"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CircleStudy:
    """
    Time circles of states, ways and profiles, all measured alike.

    Attributes
    ----------
    minutes
        Longest trip that counts.
    states
        In the order they are told.
    ways
        Modes of each way.
    profiles
        Profiles that are measured.
    accuracy
        What the bands stand for.
    rules
        How trips are made.
    centres
        Centres, indexed by id.
    population
        How many people the shares are of; 0 if nobody is given.
    circles
        One for each state, way and profile, in this order.
    """

    minutes: float
    states: "tuple[Scenario, ...]"
    ways: "Ways"
    profiles: tuple[str, ...]
    accuracy: "Accuracy"
    rules: "TravelRules"
    centres: gpd.GeoDataFrame
    population: float
    circles: tuple[MeasuredCircle, ...]

    def circle(self, state: str, way: str, profile: str) -> MeasuredCircle:
        """
        Return one of the circles.

        Raises
        ------
        InputError
            If it was not measured.
        """
        for circle in self.circles:
            if (circle.state, circle.way, circle.profile) == (state, way, profile):
                return circle
        msg = (
            f"there is no circle of state {state!r}, way {way!r} and profile "
            f"{profile!r}; known are {', '.join(s.id for s in self.states)}; "
            f"{', '.join(self.ways)}; {', '.join(self.profiles)}"
        )
        raise InputError(msg)

    def figures(self) -> pd.DataFrame:
        """
        Return all figures as one table.

        Returns
        -------
        DataFrame
            ``state``, ``way``, ``profile``, ``figure`` (``"centre_time"``,
            ``"edge_time"``, ``"population_share"``, ``"area"``), ``from_id``, ``to_id``,
            ``centres``, ``value``, ``low``, ``high`` and ``unit``. ``attrs["rules"]``
            tells minutes, modes, bands and how trips are made.
        """
        rows = [row for circle in self.circles for row in circle.figures()]
        return ruled(pd.DataFrame(rows, columns=list(_FIGURES)), *self._told())

    def _told(self) -> Text:
        """Return the rules of all circles in words."""
        modes = tuple(dict.fromkeys(m for way in self.ways.values() for m in way))
        to_centres = Text("出行前往中心", "trips lead to the centres")
        return in_one(
            lasting(self.minutes),
            to_centres,
            self.accuracy.told,
            *(trips_told(modes, profile=p, rules=self.rules) for p in self.profiles),
        )

    def areas(self) -> gpd.GeoDataFrame:
        """
        Return all areas as one layer.

        Returns
        -------
        GeoDataFrame
            ``state``, ``way``, ``profile``, ``minutes``, ``kind`` (``"reached"``,
            ``"inner"``, ``"outer"``), ``centres``, ``area_km2`` and MultiPolygons.
            ``attrs`` as of :meth:`figures`.
        """
        rows = []
        for circle in self.circles:
            key = circle.state, circle.way, circle.profile, self.minutes
            kinds = [("reached", n + 1, s) for n, s in enumerate(circle.reached)]
            kinds += [("inner", 1, circle.inner), ("outer", 1, circle.outer)]
            rows += [(*key, kind, n, s.area / 1e6, s) for kind, n, s in kinds]
        names = [*_FIGURES[:3], "minutes", "kind", "centres", "area_km2", "geometry"]
        table = pd.DataFrame(rows, columns=names)
        frame = gpd.GeoDataFrame(table, geometry="geometry", crs=self.centres.crs)
        return ruled(frame, *self._told())
