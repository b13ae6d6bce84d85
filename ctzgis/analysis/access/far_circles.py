"""Circles beyond the region: lorries on the road, and planes (物流圈、航空圈)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyproj
import shapely

from ctzgis.analysis.access.travel_times import travel_time_matrix, travel_times
from ctzgis.analysis.access.trip_words import lasting, ruled_by_trips
from ctzgis.analysis.rules import ruled
from ctzgis.crs import GEOGRAPHIC_CRS
from ctzgis.errors import CRSError, InputError
from ctzgis.network import DEFAULT_RULES, TravelNetwork, TravelRules
from ctzgis.tables import POINTS
from ctzgis.texts import Text

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

__all__ = [
    "DEFAULT_AIR",
    "DRIVING_BREAKS",
    "AirRules",
    "DrivingBreaks",
    "air_reach_km",
    "air_times",
    "flight_times",
    "logistics_times",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingBreaks:
    """
    When a driver has to rest: so many minutes after each so many at the wheel.

    Raises
    ------
    InputError
        If the drive is not above 0 or the rest below 0.

    Examples
    --------
    Four hours are driven without a rest, a minute more is not; nine hours have two:

    >>> import numpy as np
    >>> DRIVING_BREAKS.added_min(np.array([0.0, 240.0, 241.0, 540.0])).tolist()
    [0.0, 0.0, 20.0, 40.0]
    """

    drive_min: float
    rest_min: float

    def __post_init__(self) -> None:
        if not (self.drive_min > 0 and self.rest_min >= 0):
            msg = (
                f"{self} is given; a drive above 0 and a rest of 0 or more are expected"
            )
            raise InputError(msg)

    def added_min(self, minutes: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """Return the minutes of rest within drives; NaN stays so."""
        count = np.maximum(np.ceil(minutes / self.drive_min) - 1, 0.0)
        rest: NDArray[np.float64] = count * self.rest_min
        return rest

    @property
    def told(self) -> Text:
        """The rests in words."""
        return Text(
            f"每驾驶{self.drive_min:g}分钟休息{self.rest_min:g}分钟",
            f"{self.rest_min:g} min of rest after each {self.drive_min:g} at the wheel",
        )


DRIVING_BREAKS: Final = DrivingBreaks(drive_min=240.0, rest_min=20.0)
"""
20 min after each 4 h at the wheel.

道路交通安全法实施条例 article 62 (7): nobody drives for more than 4 h without a rest of
20 min at least.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirRules:
    """
    How long flights and what belongs to them take.

    Attributes
    ----------
    cruise_kph
        Speed over the ground without wind. 830 km/h is Mach 0.78, at which narrow-body
        jets cruise, in the standard atmosphere at 11 km (295 m/s is Mach 1 there).
    detour
        Length of a route over the great circle; 1.1 is an assumption.
    ground_min
        Minutes from gate to gate beyond those at cruise: taxiing, climb and descent; 30
        is an assumption.
    check_in_min
        Minutes at the airport before the flight; 60 is an assumption.
    arrival_min
        Minutes from the gate out of the airport of arrival; 30 is an assumption. The
        way on from there is not counted.

    Raises
    ------
    InputError
        If the speed is not above 0, the detour below 1 or minutes below 0.
    """

    cruise_kph: float = 830.0
    detour: float = 1.1
    ground_min: float = 30.0
    check_in_min: float = 60.0
    arrival_min: float = 30.0

    def __post_init__(self) -> None:
        least = min(self.ground_min, self.check_in_min, self.arrival_min)
        if not (self.cruise_kph > 0 and self.detour >= 1 and least >= 0):
            msg = (
                f"{self} is given; a speed above 0, a detour of 1 or more and minutes of "
                "0 or more are expected"
            )
            raise InputError(msg)

    @property
    def told(self) -> Text:
        """A flight in words, gate to gate."""
        return Text(
            f"飞行{self.cruise_kph:g}公里/时，航程为大圆距离的{self.detour:g}倍，"
            f"滑行起降{self.ground_min:g}分钟",
            f"flights at {self.cruise_kph:g} km/h, {self.detour:g} times the great circle, "
            f"{self.ground_min:g} min on the ground",
        )


DEFAULT_AIR: Final = AirRules()


def logistics_times(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    breaks: DrivingBreaks = DRIVING_BREAKS,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Find the quickest drives with the rests that drivers must take.

    Lorries drive as fast as cars do on the network; loading is not counted.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins, destinations
        Points in the CRS of the network, indexed by id.
    breaks
        When a driver has to rest.
    profile, rules
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        As ``travel_times``, with ``drive_min`` and ``rest_min``, whose sum is
        ``travel_time_min``. ``attrs["rules"]`` tells rests and speeds.

    Raises
    ------
    SchemaError, CRSError, InputError
        As by ``travel_times``.

    Examples
    --------
    With 5 min of rest after each 8 at the wheel, 20 min of driving take 30:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> corners = gridville_places().loc[["south_west", "north_east"]]
    >>> breaks = DrivingBreaks(drive_min=8, rest_min=5)
    >>> logistics_times(gridville(), corners, corners, breaks=breaks).loc[
    ...     1, ["drive_min", "rest_min", "travel_time_min"]].tolist()
    [20.0, 10.0, 30.0]
    """
    found = travel_times(network, origins, destinations, profile=profile, rules=rules)
    drive = found["travel_time_min"].to_numpy(dtype=float)
    rest = breaks.added_min(drive)
    frame = found.assign(travel_time_min=drive + rest, drive_min=drive, rest_min=rest)
    return ruled_by_trips(
        frame, network, breaks.told, lasting(None), modes=["drive"], profile=profile,
        rules=rules,
    )  # fmt: skip


def air_reach_km(minutes: float, *, air: AirRules = DEFAULT_AIR) -> float:
    """
    Return how far, by great circle, a flight of so many minutes gate to gate leads.

    Raises
    ------
    InputError
        If the minutes are not above 0.

    Examples
    --------
    Of four hours, 3.5 h are flown at 830 km/h, on routes a tenth longer:

    >>> round(air_reach_km(240))
    2641
    """
    if not 0 < minutes < np.inf:
        msg = f"minutes are {minutes}; a number above 0 is expected"
        raise InputError(msg)
    hours = max(minutes - air.ground_min, 0.0) / 60
    return hours * air.cruise_kph / air.detour


def flight_times(
    airports: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    air: AirRules = DEFAULT_AIR,
) -> pd.DataFrame:
    """
    Find how long direct flights take, gate to gate.

    Whether anybody offers such a flight is not asked.

    Parameters
    ----------
    airports, destinations
        Points indexed by id, in any CRS that is known.
    air
        Speeds and minutes.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``great_circle_km`` on the ellipsoid WGS-84 and
        ``flight_min`` (0 at the airport itself), airports first. ``attrs["rules"]``
        tells speed, detour and minutes on the ground.

    Raises
    ------
    SchemaError, CRSError
        If points break their contract or have no CRS.

    Examples
    --------
    >>> import geopandas as gpd
    >>> ends = gpd.GeoDataFrame(
    ...     geometry=gpd.points_from_xy([113.22, 116.60], [28.19, 40.08]),
    ...     index=["changsha", "beijing"], crs="EPSG:4326")
    >>> flight_times(ends, ends).loc[1, ["great_circle_km", "flight_min"]].round().tolist()
    [1355.0, 138.0]
    """
    starts, ends = (
        _degrees(frame, name)
        for frame, name in ((airports, "airports"), (destinations, "destinations"))
    )
    i, j = np.indices((len(starts), len(ends))).reshape(2, -1)
    geod = pyproj.Geod(ellps="WGS84")
    *_, metres = geod.inv(starts[i, 0], starts[i, 1], ends[j, 0], ends[j, 1])
    km = np.asarray(metres, dtype=float) / 1000
    minutes = km * air.detour / air.cruise_kph * 60 + air.ground_min
    frame = pd.DataFrame(
        {
            "from_id": airports.index.to_numpy()[i],
            "to_id": destinations.index.to_numpy()[j],
            "great_circle_km": km,
            "flight_min": np.where(km > 0, minutes, 0.0),
        }
    )
    return ruled(frame, *air.told)


def _degrees(points: "gpd.GeoDataFrame", name: str) -> "NDArray[np.float64]":
    """Return longitudes and latitudes."""
    POINTS.check(points)
    if points.crs is None:
        msg = f"{name} have no CRS; set it, e.g. `.set_crs('EPSG:4326')`"
        raise CRSError(msg)
    shapes = points.geometry.to_crs(GEOGRAPHIC_CRS).array
    lonlat: NDArray[np.float64] = shapely.get_coordinates(shapes)
    if not (np.isfinite(lonlat).all() and (np.abs(lonlat) <= (180.0, 90.0)).all()):
        msg = f"{name} lie where their CRS leads to no degrees; check it"
        raise CRSError(msg)
    return lonlat


def air_times(
    network: TravelNetwork,
    origins: "gpd.GeoDataFrame",
    airports: "gpd.GeoDataFrame",
    destinations: "gpd.GeoDataFrame",
    *,
    air: AirRules = DEFAULT_AIR,
    profile: str = "free",
    rules: TravelRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """
    Find the quickest trips by car to an airport and by plane from there.

    Parameters
    ----------
    network
        Network of one year; ask ``network.at(year)`` first.
    origins, airports
        Points in the CRS of the network, indexed by id; cars park or stop at the
        airport in ``rules.station_access_min``.
    destinations
        Airports of arrival, in any CRS that is known.
    air
        Speeds and minutes.
    profile, rules
        As for ``travel_times``.

    Returns
    -------
    DataFrame
        ``from_id``, ``to_id``, ``airport_id`` (the one that is quickest),
        ``access_min``, ``flight_min`` and ``travel_time_min``, which is their sum with
        check-in and arrival; NaN where no airport is reached. ``attrs["rules"]`` tells
        flights, minutes at airports and drives.

    Raises
    ------
    SchemaError, CRSError, InputError
        As by ``travel_times``, or if there is no airport.

    Examples
    --------
    From a corner of Gridville to its centre, 10 min by car, and an hour by plane:

    >>> from ctzgis.examples import gridville, gridville_places
    >>> places = gridville_places()
    >>> field, away = places.loc[["centre"]], places.loc[["centre"]].copy()
    >>> away = away.set_geometry(away.translate(0, 415_000))
    >>> air = AirRules(cruise_kph=830, detour=1, ground_min=30)
    >>> found = air_times(gridville(), places.iloc[:1], field, away, air=air)
    >>> found.loc[0, ["access_min", "flight_min", "travel_time_min"]].round(1).tolist()
    [13.0, 60.0, 163.0]
    """
    if not len(airports):
        msg = "there is no airport; one or more are expected"
        raise InputError(msg)
    drive = travel_time_matrix(
        network, origins, airports, profile=profile, rules=rules
    ).to_numpy()
    size = len(airports), len(destinations)
    direct = flight_times(airports, destinations, air=air)["flight_min"]
    flights = direct.to_numpy().reshape(size)
    access = drive + rules.station_access_min
    whole = access[:, :, None] + flights[None, :, :]
    known = np.where(np.isnan(whole), np.inf, whole)
    best = known.argmin(axis=1)
    i, j = np.indices(best.shape).reshape(2, -1)
    which = best[i, j]
    found = np.isfinite(known[i, which, j])
    columns = {
        "access_min": access[i, which],
        "flight_min": flights[which, j],
        "travel_time_min": whole[i, which, j] + air.check_in_min + air.arrival_min,
    }
    names = np.array([*airports.index, None], dtype=object)
    frame = pd.DataFrame(
        {
            "from_id": origins.index.to_numpy()[i],
            "to_id": destinations.index.to_numpy()[j],
            "airport_id": names[np.where(found, which, -1)],
            **{k: np.where(found, column, np.nan) for k, column in columns.items()},
        }
    )
    at_airports = Text(
        f"停车{rules.station_access_min:g}、值机{air.check_in_min:g}、"
        f"到达{air.arrival_min:g}分钟",
        f"{rules.station_access_min:g} min to park, {air.check_in_min:g} to check in, "
        f"{air.arrival_min:g} on arrival",
    )
    return ruled_by_trips(
        frame, network, air.told, at_airports, modes=["drive"], profile=profile,
        rules=rules,
    )  # fmt: skip
