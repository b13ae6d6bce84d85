"""Networks as fast and as slow as the accuracy of their data allows (精度区间)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ctzgis.errors import InputError
from ctzgis.network import DEFAULT_RULES, RoadNetwork, TravelNetwork, TravelRules
from ctzgis.texts import Text

if TYPE_CHECKING:
    from ctzgis.network import TransitLine

__all__ = ["DATA_ACCURACY", "Accuracy", "Setting", "settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """
    How well speeds and headways are known, as shares of them.

    Attributes
    ----------
    speed_share
        Of all speeds: on roads, on foot, by bicycle, of trains between stops.
    headway_share
        Of the minutes between trains.

    Raises
    ------
    InputError
        If a share is not from 0 to below 1.
    """

    speed_share: float = 0.15
    headway_share: float = 0.3

    def __post_init__(self) -> None:
        for name in ("speed_share", "headway_share"):
            if not 0 <= getattr(self, name) < 1:
                msg = f"{name} is {getattr(self, name)}; 0 to below 1 is expected"
                raise InputError(msg)

    @property
    def told(self) -> Text:
        """The bands in words."""
        speed, headway = f"±{self.speed_share:.0%}", f"±{self.headway_share:.0%}"
        return Text(
            f"上下限：各种速度{speed}、发车间隔{headway}，同向变化",
            f"bands: all speeds {speed} and headways {headway}, off one way",
        )


DATA_ACCURACY: Final = Accuracy()
"""
That of the shipped data.

Speeds ±15 %: the planning speeds are assumed within that (``CLASS_KPH``,
``TravelRules``). Headways ±30 %: most are assumed, and no figure tells by how much they
are off, so neither does this one rest on any.
"""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setting:
    """A network and the rules it is travelled by."""

    network: TravelNetwork
    rules: TravelRules


def settings(
    network: TravelNetwork,
    *,
    rules: TravelRules = DEFAULT_RULES,
    accuracy: Accuracy = DATA_ACCURACY,
) -> tuple[Setting, Setting, Setting]:
    """
    Return a network as it is stated, at its quickest and at its slowest.

    At its quickest every speed is higher by its share and every headway shorter by its
    own, at its slowest the other way round. Dwells, delays at signals and junctions,
    security checks, least minutes of changes and the longest wait stay.

    Examples
    --------
    A kilometre of Gridville takes a minute, at 60 km/h and 25 % more or less:

    >>> from ctzgis.examples import gridville
    >>> found = settings(gridville(), accuracy=Accuracy(speed_share=0.25))
    >>> [set(part.network.roads.roads["free_kph"]) for part in found]
    [{60.0}, {75.0}, {45.0}]
    """
    speed, headway = accuracy.speed_share, accuracy.headway_share
    factors = ((1 + speed, 1 - headway), (1 - speed, 1 + headway))
    quick, slow = (
        Setting(
            network=TravelNetwork(
                _at_speed(network.roads, faster),
                tuple(_line_at(line, faster, rarer) for line in network.lines),
            ),
            rules=_rules_at(rules, faster),
        )
        for faster, rarer in factors
    )
    return Setting(network=network, rules=rules), quick, slow


def _at_speed(roads: RoadNetwork, factor: float) -> RoadNetwork:
    """Return roads with the speeds of all profiles multiplied."""
    columns = [f"{profile}_kph" for profile in roads.profiles]
    frame = roads.roads
    frame[columns] = frame[columns].astype(float) * factor
    return RoadNetwork.of_checked(frame, roads.junctions, roads.sources)


def _line_at(line: "TransitLine", faster: float, rarer: float) -> "TransitLine":
    return replace(
        line,
        stops=tuple(replace(s, run_min=s.run_min / faster) for s in line.stops),
        headway_min={p: minutes * rarer for p, minutes in line.headway_min.items()},
    )


def _rules_at(rules: TravelRules, factor: float) -> TravelRules:
    return replace(
        rules,
        walk_kph=rules.walk_kph * factor,
        cycle_kph=rules.cycle_kph * factor,
        local_kph={p: kph * factor for p, kph in rules.local_kph.items()},
    )
