"""How far a network may be off: known for what ships, not stated for a user's (路网精度)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ctzgis.analysis.access.accuracy import DATA_ACCURACY, Accuracy
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.network import Profile, TravelNetwork

__all__ = ["NetworkAccuracy", "accuracy_of_network", "border_minutes"]

# Roads out of a built-up area are driven at about this speed, so a border that is off by
# a kilometre moves the edge by a minute, or a minute and a half in the peak.
_EDGE_KPH: Final[dict["Profile", float]] = {"free": 60.0, "peak": 40.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkAccuracy:
    """
    How far times, lengths and positions on a network may be off.

    Attributes
    ----------
    schematic
        Whether the network is drawn rather than surveyed.
    travel
        How well speeds and headways are known; exactly, where nothing is stated.
    rail_times, lengths
        Relative errors, 0 where none is stated; of times by rail an estimate, for what is
        not measured again.
    position_m
        How far roads and stations may lie off; 0 where that is not stated.
    of_times, of_rail_times, of_lengths, of_stations, of_courses
        The same in words.
    of_opening
        What is known of courses and of the years in which they opened.
    """

    schematic: bool
    travel: Accuracy
    rail_times: float
    lengths: float
    position_m: float
    of_times: Text
    of_rail_times: Text
    of_lengths: Text
    of_stations: Text
    of_courses: Text
    of_opening: Text

    @property
    def times(self) -> float:
        """Relative error of a time by car, for what is not measured again."""
        return self.travel.speed_share


_UNSTATED: Final = Text(
    "所给路网的精度未说明", "the accuracy of the given network is not stated"
)
_GIVEN: Final = NetworkAccuracy(
    schematic=False,
    travel=Accuracy(speed_share=0.0, headway_share=0.0),
    rail_times=0.0,
    lengths=0.0,
    position_m=0.0,
    of_times=_UNSTATED,
    of_rail_times=_UNSTATED,
    of_lengths=_UNSTATED,
    of_stations=_UNSTATED,
    of_courses=_UNSTATED,
    of_opening=Text(
        f"{_UNSTATED.zh}；廊道以所给路网中有的为全长",
        f"{_UNSTATED.en}; what it has of a corridor is taken for all of it",
    ),
)
_STRATEGIC: Final = NetworkAccuracy(
    schematic=True,
    travel=DATA_ACCURACY,
    rail_times=0.20,
    lengths=0.10,
    position_m=6_000.0,
    of_times=Text(
        "车速±15%：25条廊道中22条的长度与公布值相差10%以内，速度假定±10%",
        "speeds ±15 %: 22 of 25 corridors are within 10 % of their published length, "
        "speeds are assumed within 10 %; together 14 %, rounded up",
    ),
    of_rail_times=Text(
        "各种速度±15%、发车间隔±30%（多为假定）同向变化时重新测算；城际按站站停计",
        "measured again with all speeds ±15 % and headways ±30 % (most are assumed), off "
        "one way; intercity trains stop everywhere",
    ),
    of_lengths=Text("线位示意，长度±10%", "schematic courses, lengths ±10 %"),
    of_stations=Text("车站位置±6公里", "stations ±6 km"),
    of_courses=Text("中线±6公里", "course ±6 km"),
    of_opening=Text(
        "线位示意；开通年份来自公开报道，部分未经核实",
        "schematic courses; years of opening from public reports, some unverified",
    ),
)


def border_minutes(off_m: float, profile: "Profile") -> float:
    """
    Return the minutes by which the edge of a built-up area moves with its border.

    Examples
    --------
    >>> border_minutes(3_000, "free"), border_minutes(3_000, "peak")
    (3.0, 4.5)
    """
    return off_m / 1000 / _EDGE_KPH[profile] * 60


def accuracy_of_network(network: "TravelNetwork") -> NetworkAccuracy:
    """
    Return how far a network may be off: the shipped one's errors if it is schematic.

    Examples
    --------
    >>> from ctzgis import read_network
    >>> from ctzgis.examples import gridville
    >>> accuracy_of_network(read_network()).times, accuracy_of_network(gridville()).times
    (0.15, 0.0)
    """
    drawn = any(source.schematic for source in network.roads.sources)
    return _STRATEGIC if drawn else _GIVEN
